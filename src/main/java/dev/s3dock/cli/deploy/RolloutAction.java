package dev.s3dock.cli.deploy;

import dev.s3dock.cli.render.Output;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.cli.wiring.EnvironmentWords;
import dev.s3dock.cli.wiring.Names;
import dev.s3dock.cli.wiring.Wiring;
import dev.s3dock.rollout.RolloutControl;
import dev.s3dock.rollout.RolloutState;
import picocli.CommandLine.Mixin;

/** A command that steers the rollout of an environment. */
abstract class RolloutAction extends Action {
  @Mixin EnvironmentWords words = new EnvironmentWords();

  private final String name;

  RolloutAction(String name) {
    this.name = name;
  }

  /**
   * What was done.
   *
   * @param text in words, behind the environment's name
   * @param skipped true if it was so already
   */
  record Done(String text, boolean skipped) {}

  /** Does it. */
  abstract Done steer(RolloutControl control, RolloutState rollout);

  @Override
  protected void run(Wiring wiring, Output output) {
    Names.AppEnvironment named = names(wiring).environment(words.first(), words.second());
    RolloutControl control = wiring.registry().rollouts().control();
    Done done = steer(control, control.require(named.app(), named.environment()));
    output.result(
        "rollout " + name,
        "%s of %s: %s".formatted(named.environment(), named.app(), done.text()),
        data -> {
          data.writeStringField("app_name", named.app().value());
          data.writeStringField("environment", named.environment().value());
          data.writeBooleanField("skipped", done.skipped());
        });
  }
}
