package dev.s3dock.deploy.loadbalancer.alb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where users connect to a load balancer: each new connection goes to the next target of a host
 * that serves, and stays there, as with a Network Load Balancer.
 */
public final class TargetGroupFront implements AutoCloseable {
  private final TargetGroupServer group;
  private final String id;
  private final String address;
  private final ServerSocket listener;
  private final AtomicInteger turn = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * Listens at once.
   *
   * @param id of the targets that get connections
   * @param address where their ports are
   */
  public TargetGroupFront(TargetGroupServer group, String id, String address) {
    this.group = group;
    this.id = id;
    this.address = address;
    try {
      listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** On 127.0.0.1. */
  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket user = listener.accept();
        open.add(user);
        Thread.ofVirtual().start(() -> connect(user));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket user) {
    List<Integer> ports = group.serving(id);
    if (ports.isEmpty()) {
      close(user);
      return;
    }
    Socket target = new Socket();
    open.add(target);
    try {
      int port = ports.get(turn.getAndIncrement() % ports.size());
      target.connect(new InetSocketAddress(address, port));
      Thread.ofVirtual().start(() -> pass(user, target));
      pass(target, user);
    } catch (IOException e) {
      // nobody is there: the user sees it
    } finally {
      close(user);
      close(target);
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // one of them has gone
    }
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Set.copyOf(open).forEach(this::close);
  }
}
