package dev.s3dock.testing.store;

import dev.s3dock.store.MultipartUpload;
import dev.s3dock.store.ObjectStore;
import dev.s3dock.store.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;

/**
 * A process that is stopped dead at one of its store calls, as by SIGKILL: from then on no call of
 * it reaches the store, also none of those that would tidy up.
 */
public final class CrashingStore {
  /** When it dies. */
  public enum Moment {
    /** The call does not reach the store. */
    BEFORE,
    /** The call takes effect, and nobody hears of it. */
    AFTER
  }

  /** What a dead process gets for an answer: nothing that its code could know how to handle. */
  @SuppressWarnings("serial")
  private static final class Death extends Error {
    Death() {
      super("the process is dead");
    }
  }

  /** Calls that reach no store. */
  private static final Set<String> LOCAL =
      Set.of(
          "describe", "worksAhead", "leavesPartsOut", "discard", "toString", "hashCode", "equals");

  private final int last;
  private final Moment moment;
  private final boolean survives;
  private int calls;
  private boolean struck;

  private CrashingStore(int last, Moment moment, boolean survives) {
    this.last = last;
    this.moment = moment;
    this.survives = survives;
  }

  /** A life: it makes a world, does something in it with {@link #does}, and looks what is left. */
  @FunctionalInterface
  public interface Life {
    void of(CrashingStore process) throws Exception;
  }

  /** What a process does with its store. */
  @FunctionalInterface
  public interface Deed {
    void with(ObjectStore store) throws Exception;
  }

  /**
   * Lives a life once for each store call, and each time dies at another one; then once without.
   *
   * @return the number of deaths
   */
  public static int atEachCall(Moment moment, Life life) throws Exception {
    return atEachCall(moment, 1, life);
  }

  /** Lives it for every second call if the step is 2, and so on. */
  public static int atEachCall(Moment moment, int step, Life life) throws Exception {
    return live(moment, step, false, life);
  }

  /**
   * As for each call, but it lives on: that one call fails, and the store is well again after it.
   */
  public static int failingAtEachCall(Moment moment, Life life) throws Exception {
    return live(moment, 1, true, life);
  }

  private static int live(Moment moment, int step, boolean survives, Life life) throws Exception {
    int deaths = 0;
    for (int call = 1; ; call += step) {
      CrashingStore process = new CrashingStore(call, moment, survives);
      try {
        life.of(process);
      } catch (Exception | AssertionError e) {
        throw new AssertionError("struck " + moment + " call " + call + ": " + e.getMessage(), e);
      }
      if (!process.isStruck()) {
        return deaths;
      }
      deaths++;
    }
  }

  /** Does something, and dies on the way if the time has come. */
  public void does(ObjectStore store, Deed deed) throws Exception {
    try {
      deed.with(crashing(ObjectStore.class, store));
    } catch (Exception | Error e) {
      if (!isStruck() || e instanceof AssertionError) {
        throw e;
      }
    }
  }

  /** True if it has died, or a call has failed. */
  public synchronized boolean isStruck() {
    return struck;
  }

  private <T> T crashing(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            CrashingStore.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answer(target, method, arguments)));
  }

  private synchronized Object answer(Object target, Method method, Object[] arguments)
      throws Throwable {
    boolean local = LOCAL.contains(method.getName());
    boolean dead = struck && !survives;
    if (!local && (dead || ++calls == last)) {
      struck = true;
      if (!dead && moment == Moment.AFTER) {
        call(target, method, arguments);
      }
      throw survives ? new StoreException(StoreException.Kind.UNAVAILABLE, "ill") : new Death();
    }
    Object result = call(target, method, arguments);
    return result instanceof MultipartUpload upload
        ? crashing(MultipartUpload.class, upload)
        : result;
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
