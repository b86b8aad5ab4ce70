package dev.s3dock.agent.metrics;

import dev.s3dock.agent.ServiceView;
import dev.s3dock.image.ImageReference;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The views of an agent, read when they are asked for. */
public final class AgentMetrics {
  private static final double MILLIS = 1000;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Supplier<List<ServiceView>> views;

  /** Registers all of them. */
  public AgentMetrics(Supplier<List<ServiceView>> views) {
    this.views = views;
    image("s3dock_agent_wanted", "1 for the image that the environment is at.", true);
    image("s3dock_agent_running", "1 for the image that is live.", false);
    gauge(
        "s3dock_agent_healthy",
        "1 if what should run does, and is healthy.",
        view -> view.isRight() ? 1 : 0);
    gauge(
        "s3dock_agent_behind_seconds",
        "For how long it has not been so; 0 if it is.",
        view -> seconds(view.behind()));
    gauge(
        "s3dock_agent_last_look_age_seconds",
        "How long ago the last look was; -1 before the first one.",
        view -> view.sinceLook().map(AgentMetrics::seconds).orElse(-1.0));
    counter("s3dock_agent_deployments", "Deployments that ended well.", ServiceView::deployments);
    counter("s3dock_agent_failures", "Deployments that failed.", ServiceView::failures);
  }

  /** To be exposed. */
  public PrometheusRegistry registry() {
    return registry;
  }

  private static double seconds(Duration time) {
    return time.toMillis() / MILLIS;
  }

  private void image(String name, String help, boolean wanted) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("app", "environment", "image")
        .callback(
            callback ->
                views
                    .get()
                    .forEach(
                        view ->
                            (wanted ? view.wanted() : view.running())
                                .map(ImageReference::toString)
                                .ifPresent(
                                    image ->
                                        callback.call(1, app(view), environment(view), image))))
        .register(registry);
  }

  private void gauge(String name, String help, ToDoubleFunction<ServiceView> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("app", "environment")
        .callback(
            callback ->
                views
                    .get()
                    .forEach(
                        view ->
                            callback.call(value.applyAsDouble(view), app(view), environment(view))))
        .register(registry);
  }

  private void counter(String name, String help, ToDoubleFunction<ServiceView> value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("app", "environment")
        .callback(
            callback ->
                views
                    .get()
                    .forEach(
                        view ->
                            callback.call(value.applyAsDouble(view), app(view), environment(view))))
        .register(registry);
  }

  private static String app(ServiceView view) {
    return view.service().app().value();
  }

  private static String environment(ServiceView view) {
    return view.service().environment().value();
  }
}
