package dev.s3dock.deploy.loadbalancer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * TCP sockets of this host's network, as Linux lists them (proc_net_tcp.rst of the kernel).
 *
 * @param rows fields of each socket
 */
public record TcpSockets(List<List<String>> rows) {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int STATE = 3;
  private static final int INODE = 9;
  private static final String ESTABLISHED = "01";
  private static final String LISTEN = "0A";

  /** Without rows if there are no such tables: no IPv6, or no Linux. */
  private static TcpSockets read() {
    List<List<String>> rows = new ArrayList<>();
    for (Path table : TABLES) {
      try (Stream<String> lines = Files.lines(table)) {
        lines
            .skip(1)
            .map(it -> List.of(it.strip().split("\\s+")))
            .filter(it -> it.size() > INODE)
            .forEach(rows::add);
      } catch (IOException | UncheckedIOException e) {
        // the other one may be there
      }
    }
    return new TcpSockets(rows);
  }

  /** Number of established connections from here to a backend; empty if that cannot be seen. */
  public static OptionalLong connectionsTo(Backend backend) {
    Set<String> remotes =
        backend.servers().stream()
            .flatMap(TcpSockets::remotes)
            .collect(Collectors.toUnmodifiableSet());
    if (TABLES.stream().noneMatch(Files::isReadable)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        read().rows().stream()
            .filter(it -> it.get(STATE).equals(ESTABLISHED) && remotes.contains(it.get(REMOTE)))
            .count());
  }

  private static Stream<String> remotes(Backend.Server server) {
    byte[] address = InetAddress.ofLiteral(server.host()).getAddress();
    return address.length == 4
        ? Stream.of(hex(address, server.port()), hex(mapped(address), server.port()))
        : Stream.of(hex(address, server.port()));
  }

  /** Sockets that accept connections at one of these ports: inodes by local address. */
  public static Map<String, Set<String>> listenersAt(Set<Integer> ports) {
    Set<String> ends =
        ports.stream().map(":%04X"::formatted).collect(Collectors.toUnmodifiableSet());
    return read().rows().stream()
        .filter(it -> it.get(STATE).equals(LISTEN))
        .filter(it -> ends.contains(it.get(LOCAL).substring(it.get(LOCAL).indexOf(':'))))
        .collect(
            Collectors.groupingBy(
                it -> it.get(LOCAL), Collectors.mapping(it -> it.get(INODE), Collectors.toSet())));
  }

  private static byte[] mapped(byte[] ipv4) {
    byte[] ipv6 = new byte[16];
    ipv6[10] = (byte) 0xff;
    ipv6[11] = (byte) 0xff;
    System.arraycopy(ipv4, 0, ipv6, 12, 4);
    return ipv6;
  }

  /** Words of 32 bits in the order of the machine. */
  private static String hex(byte[] address, int port) {
    StringBuilder text = new StringBuilder();
    ByteBuffer words = ByteBuffer.wrap(address).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      text.append("%08X".formatted(words.getInt()));
    }
    return text.append(":%04X".formatted(port)).toString();
  }
}
