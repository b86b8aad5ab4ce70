package dev.s3dock.rollout;

/** Whether a host may begin. */
public sealed interface RolloutTurn {
  /** It may. */
  record Begin() implements RolloutTurn {}

  /**
   * Not yet.
   *
   * @param reason in words; without numbers that change all the time
   * @param held true if somebody has to do something first; looking again is of no use
   * @param soaks so many times must hosts get live and stay healthy for the plan's soak before
   */
  record Wait(String reason, boolean held, int soaks) implements RolloutTurn {}
}
