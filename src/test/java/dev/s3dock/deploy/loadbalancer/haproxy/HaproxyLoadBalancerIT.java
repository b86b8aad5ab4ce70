package dev.s3dock.deploy.loadbalancer.haproxy;

import static dev.s3dock.deploy.loadbalancer.Lines.replacing;
import static dev.s3dock.deploy.loadbalancer.Lines.without;
import static dev.s3dock.deploy.loadbalancer.Lines.withoutLine;
import static org.assertj.core.api.Assertions.assertThat;

import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.Balancer;
import dev.s3dock.deploy.loadbalancer.Colour;
import dev.s3dock.deploy.loadbalancer.LoadBalancerContract;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock("load balancers")
@Order(3)
class HaproxyLoadBalancerIT extends LoadBalancerContract {
  @Override
  public Balancer start(UnaryOperator<String> change) {
    return new HaproxyBalancer(change);
  }

  @Override
  public boolean keepsWebSockets() {
    return true;
  }

  @Override
  public List<Defect> defects() {
    return List.of(
        new Defect("level", without(" level admin"), "`level admin`"),
        new Defect("file", withoutLine("server-state-file "), "global", "server-state-file /"),
        new Defect(
            "other file", it -> it.replace("/server-state ", "/other "), "set the same file"),
        new Defect(
            "load",
            withoutLine("load-server-state-from-file"),
            "backend app",
            "load-server-state-from-file global"),
        new Defect("header", withoutLine("http-response"), "set-header X-S3dock-Backend %si:%sp"),
        new Defect("variable", withoutLine("http-request set-var"), "set-var(txn.s3dock_probe)"),
        new Defect("green", withoutLine("server green"), "no server green", "`server green "),
        new Defect(
            "spare",
            withoutLine("server spare").compose(without(" { srv_is_up(spare) }"))::apply,
            "no server spare",
            "`server spare "),
        new Defect(
            "order",
            replacing(
                        "    server blue",
                        "    server spare s.invalid:80 init-addr none disabled\n    server blue")
                    .compose(withoutLine("server spare"))
                ::apply,
            "move its line after theirs"),
        new Defect("balance", withoutLine("balance first"), "`balance first`"),
        new Defect("redispatch", withoutLine("option redispatch"), "`option redispatch 1`"),
        new Defect("retry", without("conn-failure "), "retry-on conn-failure empty-response 503"),
        new Defect("empty", without(" empty-response"), "retry-on conn-failure empty-response 503"),
        new Defect("unavailable", without(" 503"), "retry-on conn-failure empty-response 503"),
        new Defect("methods", withoutLine("http-request disable"), "disable-l7-retry unless"),
        new Defect(
            "limit",
            it -> it.replace("server blue", "default-server maxconn 9\n server blue"),
            "maxconn"),
        new Defect(
            "backup",
            it -> it.replace("server spare", "default-server backup\n server spare"),
            "`backup`"),
        new Defect("backend", replacing("backend app\n", "backend other\n"), "Can't find backend"),
        new Defect(
            "address",
            it -> it.replace("blue.s3dock.invalid:80 init-addr last,127.0.0.1", "127.0.0.1:80"),
            "lose the address of server blue"),
        new Defect(
            "cookie",
            it -> it.replace("server blue", "cookie SIDE insert\n server blue"),
            "cookie"));
  }

  @Test
  void a_stand_by_is_left_alone() {
    try (HaproxyBalancer balancer =
        new HaproxyBalancer(it -> it + "    server sorry 127.0.0.1:9 backup\n")) {
      balancer.loadBalancer().check(1);
      assertThat(balancer.loadBalancer().live()).isEmpty();
      Backend next = new Backend(Colour.GREEN, "127.0.0.9", 8080);
      balancer.loadBalancer().direct(next, Optional.empty());
      assertThat(balancer.loadBalancer().live()).contains(next);
    }
  }

  @Test
  void the_runtime_api_may_be_on_a_port() {
    try (HaproxyBalancer balancer = HaproxyBalancer.onPort()) {
      balancer.loadBalancer().check(1);
      Backend next = new Backend(Colour.BLUE, "127.0.0.9", 8080);
      balancer.loadBalancer().direct(next, Optional.empty());
      assertThat(balancer.loadBalancer().live()).contains(next);
    }
  }
}
