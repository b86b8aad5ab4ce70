package dev.s3dock.testing;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Users of a web app: they send requests without a pause to one address until they are stopped, and
 * note what becomes of each. Sockets, so that no library retries behind our back.
 *
 * <p>One thing is done again, as RFC 9112 section 9.3.1 allows and every client does: a GET on a
 * connection that has served before and is closed before any byte of the answer, once, on a new
 * connection. These are counted.
 */
public final class Load implements AutoCloseable {
  /** Request header with a number of its own for each request, in lower case. */
  public static final String ID_HEADER = "x-request-id";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int THINNER = Boolean.getBoolean("s3dock.all") ? 1 : 8;

  /** What a request was. */
  public enum Kind {
    /** On a connection that is used again and again. */
    KEEP_ALIVE,
    /** On a connection of its own. */
    NEW_CONNECTION,
    /** Lasts as long as {@link Mix#slow} says, on a connection of its own. */
    SLOW,
    /** One message of a WebSocket and its echo. */
    MESSAGE
  }

  /**
   * How many users of each kind there are.
   *
   * @param pause between the requests of one user
   * @param slow how long a slow request lasts
   */
  public record Mix(
      int keepAlive,
      int newConnection,
      int slowUsers,
      int webSockets,
      Duration pause,
      Duration slow) {
    /** All kinds, at a rate that leaves a small machine room for what is tested. */
    public static Mix usual() {
      return new Mix(4, 2, 3, 1, Duration.ofMillis(10), Duration.ofSeconds(3));
    }

    /**
     * The same for whole deployments, which last for many times as long as what can lose a request:
     * an eighth of the rate, or all of it with {@code ./check --all}.
     */
    public Mix throughout() {
      return new Mix(
          keepAlive, newConnection, slowUsers, webSockets, pause.multipliedBy(THINNER), slow);
    }

    /** All kinds, at an eighth of the rate: for what is seen by single requests as well. */
    public static Mix gentle() {
      return new Mix(4, 2, 3, 1, Duration.ofMillis(80), Duration.ofSeconds(3));
    }
  }

  /**
   * What became of a request.
   *
   * @param answeredBy the body of the answer, which names the backend; for a message of a WebSocket
   *     empty
   * @param retried true if its first connection was closed before any byte of an answer
   * @param failure why the user has no answer
   */
  public record Request(
      String id,
      Kind kind,
      Instant start,
      Duration took,
      String answeredBy,
      boolean retried,
      Optional<String> failure) {}

  /**
   * What was seen.
   *
   * @param retried requests that met a closed keep-alive connection and were sent once more
   * @param upgraded WebSockets opened
   * @param closedCleanly WebSockets that the other side ended with a closing frame
   */
  public record Report(List<Request> requests, long retried, long upgraded, long closedCleanly) {
    public List<Request> failures() {
      return requests.stream().filter(it -> it.failure().isPresent()).toList();
    }

    /** Number of answers by backend. */
    public Map<String, Long> answers() {
      return requests.stream()
          .filter(it -> it.failure().isEmpty() && it.kind() != Kind.MESSAGE)
          .collect(Collectors.groupingBy(Request::answeredBy, TreeMap::new, Collectors.counting()));
    }

    public Map<Kind, Long> kinds() {
      return requests.stream()
          .collect(Collectors.groupingBy(Request::kind, TreeMap::new, Collectors.counting()));
    }

    @Override
    public String toString() {
      List<Request> failures = failures();
      return "%d requests %s, %d failed, %d retried, %d WebSockets (%d closed cleanly), answers %s%s"
          .formatted(
              requests.size(),
              kinds(),
              failures.size(),
              retried,
              upgraded,
              closedCleanly,
              answers(),
              failures.stream().limit(5).map(it -> "\n  " + it).collect(Collectors.joining()));
    }
  }

  private final String host;
  private final int port;
  private final Mix mix;
  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();
  private final AtomicLong upgraded = new AtomicLong();
  private final AtomicLong closedCleanly = new AtomicLong();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final List<Thread> users = new ArrayList<>();
  private volatile boolean stopped;

  private Load(String host, int port, Mix mix) {
    this.host = host;
    this.port = port;
    this.mix = mix;
  }

  public static Load start(String host, int port, Mix mix) {
    Load load = new Load(host, port, mix);
    load.users(mix.keepAlive(), load::keepAlive);
    load.users(mix.newConnection(), load::newConnections);
    load.users(mix.slowUsers(), load::slow);
    load.users(mix.webSockets(), load::webSocket);
    return load;
  }

  private void users(int count, Runnable user) {
    for (int i = 0; i < count; i++) {
      users.add(Thread.startVirtualThread(user));
    }
  }

  /** What was seen up to now. */
  public Report report() {
    return new Report(List.copyOf(requests), retried.get(), upgraded.get(), closedCleanly.get());
  }

  /** Number of requests of this kind that were answered up to now. */
  public long answered(Kind kind) {
    return requests.stream().filter(it -> it.kind() == kind && it.failure().isEmpty()).count();
  }

  /** Waits until this many more requests were answered. */
  public void awaitMore(int count, Duration deadline) {
    long end = requests.size() + (long) count;
    Eventually.holds(deadline, count + " more requests", () -> requests.size() >= end);
  }

  /** Begins no more requests, waits for those that run, and tells what was seen. */
  public Report stop() {
    stopped = true;
    try {
      for (Thread user : users) {
        if (!user.join(PATIENCE)) {
          throw new AssertionError("a user of the load does not end: " + report());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while the load ends", e);
    }
    return report();
  }

  @Override
  public void close() {
    stopped = true;
  }

  private void keepAlive() {
    Optional<Connection> connection = Optional.empty();
    while (!stopped) {
      String id = nextId();
      Instant start = Instant.now();
      boolean again = false;
      try {
        Connection used = connection.isPresent() ? connection.get() : Connection.open(host, port);
        String answer;
        try {
          answer = used.get("/", id, false);
        } catch (Connection.ClosedUnanswered e) {
          used.close();
          if (connection.isEmpty()) {
            throw e;
          }
          again = true;
          retried.incrementAndGet();
          used = Connection.open(host, port);
          answer = used.get("/", id, false);
        }
        add(id, Kind.KEEP_ALIVE, start, answer, again, Optional.empty());
        connection = Optional.of(used);
        if (used.closing()) {
          used.close();
          connection = Optional.empty();
        }
      } catch (IOException e) {
        failed(id, Kind.KEEP_ALIVE, start, e);
        connection.ifPresent(Connection::close);
        connection = Optional.empty();
      }
      pause();
    }
    connection.ifPresent(Connection::close);
  }

  private void newConnections() {
    while (!stopped) {
      single(Kind.NEW_CONNECTION, "/");
      pause();
    }
  }

  private void slow() {
    while (!stopped) {
      single(Kind.SLOW, "/slow?ms=" + mix.slow().toMillis());
    }
  }

  private void single(Kind kind, String path) {
    String id = nextId();
    Instant start = Instant.now();
    try (Connection connection = Connection.open(host, port)) {
      done(id, kind, start, connection.get(path, id, true));
    } catch (IOException e) {
      failed(id, kind, start, e);
    }
  }

  private void webSocket() {
    while (!stopped) {
      Instant start = Instant.now();
      String id = nextId();
      try (Connection connection = Connection.open(host, port)) {
        connection.upgrade();
        upgraded.incrementAndGet();
        boolean open = true;
        while (open && !stopped) {
          start = Instant.now();
          id = nextId();
          open = connection.echo(id);
          if (open) {
            done(id, Kind.MESSAGE, start, "");
            pause();
          }
        }
        if (open) {
          connection.endWebSocket();
        } else {
          closedCleanly.incrementAndGet();
        }
      } catch (IOException e) {
        failed(id, Kind.MESSAGE, start, e);
      }
    }
  }

  private String nextId() {
    return String.valueOf(ids.incrementAndGet());
  }

  private void pause() {
    LockSupport.parkNanos(mix.pause().toNanos());
  }

  private void done(String id, Kind kind, Instant start, String answeredBy) {
    add(id, kind, start, answeredBy, false, Optional.empty());
  }

  private void failed(String id, Kind kind, Instant start, IOException cause) {
    add(id, kind, start, "", false, Optional.of(String.valueOf(cause)));
    pause();
  }

  private void add(
      String id,
      Kind kind,
      Instant start,
      String answeredBy,
      boolean again,
      Optional<String> failure) {
    Duration took = Duration.between(start, Instant.now());
    requests.add(new Request(id, kind, start, took, answeredBy, again, failure));
  }
}
