package dev.s3dock.deploy.loadbalancer.haproxy;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Backend.Server;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The server of HAProxy that is to stand for one container.
 *
 * @param side whose container it is
 * @param at where that takes requests
 * @param server as it is before the change
 */
record HaproxyPlace(Backend side, Server at, HaproxyServer server) {
  /**
   * Places for a side, in its order: who has one keeps it, so that nothing that serves gets another
   * address, and the others take what is free.
   *
   * @param all servers of its colour, in their order
   * @return fewer than the side has containers if there are not enough servers
   */
  static List<HaproxyPlace> of(Backend side, List<HaproxyServer> all) {
    List<HaproxyServer> free = new ArrayList<>(all);
    List<Optional<HaproxyServer>> kept =
        side.servers().stream()
            .map(
                at ->
                    free.stream()
                        .filter(it -> it.isAt(at))
                        .max(Comparator.comparing(HaproxyServer::ready)))
            .toList();
    kept.forEach(it -> it.ifPresent(free::remove));
    List<HaproxyPlace> places = new ArrayList<>();
    for (int i = 0; i < kept.size(); i++) {
      Server at = side.servers().get(i);
      kept.get(i)
          .or(() -> free.isEmpty() ? Optional.empty() : Optional.of(free.removeFirst()))
          .ifPresent(it -> places.add(new HaproxyPlace(side, at, it)));
    }
    return places;
  }

  /** True if it gets requests already. */
  boolean serves() {
    return server.ready() && server.isAt(at);
  }
}
