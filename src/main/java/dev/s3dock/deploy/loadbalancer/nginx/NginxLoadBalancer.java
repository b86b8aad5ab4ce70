package dev.s3dock.deploy.loadbalancer.nginx;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.s3dock.deploy.host.DurableFile;
import dev.s3dock.deploy.loadbalancer.Backend;
import dev.s3dock.deploy.loadbalancer.LoadBalancer;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException;
import dev.s3dock.deploy.loadbalancer.LoadBalancerException.Kind;
import dev.s3dock.deploy.loadbalancer.TcpSockets;
import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * nginx through a generated file and a reload.
 *
 * <p>The file also makes nginx tell, at an address of this machine, which version of the file it
 * runs. So what is live is nginx's own answer, whatever the file says; and a reload is known to
 * have taken effect.
 */
public final class NginxLoadBalancer implements LoadBalancer {
  private final NginxSettings settings;
  private final NginxProgram program;
  private final NginxStatus status;
  private final DurableFile file;

  public NginxLoadBalancer(NginxSettings settings) {
    this.settings = settings;
    this.program = new NginxProgram(settings);
    this.status = new NginxStatus(settings);
    this.file = new DurableFile(settings.file());
  }

  @Override
  public void check(int servers) {
    if (content().isEmpty()) {
      throw refused(
          "the file %s is missing, which nginx must include: create it with this content, and reload nginx:%n%s"
              .formatted(
                  settings.file(), NginxState.none(settings.upstream()).render(settings.status())));
    }
    program.requireLines();
    status.running();
  }

  @Override
  public List<Backend> serving() {
    NginxState running = status.running().state();
    Optional<String> content = content();
    boolean same =
        content
            .flatMap(NginxState::find)
            .map(it -> it.state().token())
            .equals(Optional.of(running.token()));
    if (same && !content.equals(Optional.of(running.render(settings.status())))) {
      throw new LoadBalancerException(
          Kind.UNCLEAR,
          "%s was changed by somebody else, so s3dock does not know where nginx sends the traffic"
                  .formatted(settings.file())
              + " of upstream %s: deploy again to rewrite it, or restore the file and reload nginx"
                  .formatted(settings.upstream()));
    }
    return running.serving();
  }

  @Override
  public void direct(Backend next, Optional<Backend> spare) {
    bring(Optional.of(next), Optional.empty(), spare);
  }

  @Override
  public void share(Backend next, Backend former) {
    bring(Optional.of(next), Optional.of(former), Optional.empty());
  }

  private void bring(Optional<Backend> next, Optional<Backend> beside, Optional<Backend> spare) {
    NginxState.Told running = status.running();
    NginxState same =
        new NginxState(settings.upstream(), running.state().token(), next, beside, spare);
    if (!running.state().equals(same) || !isAsWritten(running.state())) {
      bring(running, new NginxState(settings.upstream(), token(), next, beside, spare));
    }
  }

  private void bring(NginxState.Told running, NginxState state) {
    Optional<String> before = content();
    write(state);
    try {
      program.test();
      Optional<NginxStatus.Former> workers = NginxStatus.Former.of(running);
      program.reload();
      status.await(state, workers);
    } catch (LoadBalancerException e) {
      putBack(before, running.state(), e);
      throw e;
    }
  }

  private boolean isAsWritten(NginxState state) {
    return content().equals(Optional.of(state.render(settings.status())));
  }

  private static String token() {
    return HexFormat.of().toHexDigits(RandomGenerator.getDefault().nextLong());
  }

  private Optional<String> content() {
    try {
      return file.read().map(it -> new String(it, UTF_8));
    } catch (IOException e) {
      throw unwritable("read", e);
    }
  }

  private void write(NginxState state) {
    try {
      file.replace(state.render(settings.status()).getBytes(UTF_8));
    } catch (IOException e) {
      throw unwritable("written", e);
    }
  }

  private LoadBalancerException unwritable(String what, IOException cause) {
    return new LoadBalancerException(
        Kind.REFUSED,
        "%s cannot be %s (%s): its folder must exist, be writable for s3dock, and have free space"
            .formatted(settings.file(), what, FailureWords.of(cause)),
        cause);
  }

  /**
   * The former file first, so that nobody's reload brings what was refused. If nginx runs the new
   * state all the same, or may do so any moment, it is told once more.
   */
  private void putBack(Optional<String> before, NginxState running, LoadBalancerException reason) {
    try {
      if (before.isPresent()) {
        file.replace(before.get().getBytes(UTF_8));
      } else {
        file.remove();
      }
      if (reason.kind() == Kind.UNAVAILABLE || !status.running().state().equals(running)) {
        program.reload();
      }
    } catch (IOException e) {
      reason.addSuppressed(unwritable("put back", e));
    } catch (LoadBalancerException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Workers of an older configuration count as one at least: a client that has connected to them
   * and not asked yet would still be sent to the former backend.
   */
  @Override
  public OptionalLong inFlight(Backend backend) {
    NginxState.Told running = status.running();
    Optional<NginxWorkers> workers = NginxWorkers.around(running.worker());
    if (workers.isEmpty()) {
      return OptionalLong.empty();
    }
    boolean former = running.state().serving().stream().noneMatch(backend::sharesServerWith);
    boolean retiring = former && workers.get().retiring();
    OptionalLong connections = TcpSockets.connectionsTo(backend);
    return retiring && connections.equals(OptionalLong.of(0)) ? OptionalLong.of(1) : connections;
  }

  /**
   * Takes away who stands by. Else there is nothing to forget in nginx; but if a deployment was
   * killed before its reload, the file names a backend that was never live, and somebody's reload
   * would bring it.
   */
  @Override
  public void release(Backend former) {
    NginxState.Told told = status.running();
    NginxState running = told.state();
    if (running.spare().filter(former::sharesServerWith).isPresent()) {
      bring(told, running.alone(token()));
      return;
    }
    List<Backend> inFile =
        content().flatMap(NginxState::find).map(it -> it.state().serving()).orElse(List.of());
    if (inFile.stream().anyMatch(former::sharesServerWith)
        && !Objects.equals(running.serving(), inFile)) {
      write(running);
    }
  }

  @Override
  public boolean identifies() {
    return true;
  }

  @Override
  public String describe() {
    return "nginx: upstream %s in %s, with `%s` and a reload"
        .formatted(settings.upstream(), settings.file(), program.testCommand());
  }

  static LoadBalancerException refused(String message) {
    return new LoadBalancerException(Kind.REFUSED, message);
  }
}
