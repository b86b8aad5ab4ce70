package dev.s3dock.cli.bucket;

import dev.s3dock.cli.invocation.Confirmation;
import dev.s3dock.cli.wiring.Action;
import dev.s3dock.registry.RegistryException;
import picocli.CommandLine.Option;

/** A command that removes one thing by its name, after a question. */
abstract class RemoveAction extends Action {
  @Option(names = "--dry-run", description = "Say what would be removed, and change nothing.")
  boolean dryRun;

  @Option(names = "--yes", description = "Do not ask; needed where there is no terminal.")
  boolean yes;

  /**
   * Makes sure that it is meant.
   *
   * @param what such as {@code staging of myapp, which is at myapp:20250721-2118-f7a5a27}
   */
  final void requireMeant(String what) {
    if (yes) {
      return;
    }
    switch (new Confirmation(root()).ask("Remove %s?".formatted(what))) {
      case YES -> {}
      case NO -> throw RegistryException.conflict("nothing was removed");
      case NOBODY ->
          throw RegistryException.conflict(
              "nothing was removed: add --yes to remove %s, or --dry-run to look".formatted(what));
    }
  }

  /**
   * How it ends, in words.
   *
   * @param gone true if there was nothing to remove any more
   */
  final String outcome(String what, boolean gone) {
    return (gone ? "already removed: " : dryRun ? "would remove " : "removed ") + what;
  }
}
