package dev.s3dock.cli;

import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.Wiring;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = "Print the completion script of a shell.",
    footerHeading = "%nExample:%n",
    footer = {
      "  s3dock completion bash > /etc/bash_completion.d/s3dock",
      "  s3dock completion zsh > ~/.zsh/s3dock && echo '. ~/.zsh/s3dock' >> ~/.zshrc",
      "  s3dock completion fish > ~/.config/fish/completions/s3dock.fish"
    })
final class CompletionCommand extends Action {
  /** The shells that scripts exist for. */
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    ProcessContext process = root().process();
    process
        .out()
        .print(
            switch (shell) {
              case BASH, ZSH -> AutoComplete.bash("s3dock", S3dock.model(process));
              case FISH -> FishCompletion.script(S3dock.model(process));
            });
    return 0;
  }

  @Override
  protected void run(Wiring wiring, Output output) {
    throw new IllegalStateException("completion needs no configuration");
  }
}
