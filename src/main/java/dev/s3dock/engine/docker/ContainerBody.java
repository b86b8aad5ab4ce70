package dev.s3dock.engine.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.engine.ContainerSpec;
import dev.s3dock.engine.ContainerSpec.Publication;
import java.util.Collection;
import java.util.Map;

/** Writes the body of {@code POST /containers/create}. */
final class ContainerBody {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final double NANO = 1e9;

  private ContainerBody() {}

  /**
   * @param restart of the specification, parsed
   */
  static ObjectNode of(ContainerSpec spec, RestartPolicy restart) {
    ContainerSpec.Options options = spec.options();
    ObjectNode body = JSON.objectNode().put("Image", spec.image());
    ArrayNode env = body.putArray("Env");
    options.env().forEach((name, value) -> env.add(name + "=" + value));
    if (!options.args().isEmpty()) {
      body.set("Cmd", array(options.args()));
    }
    options.user().ifPresent(user -> body.put("User", user));
    options.stopSignal().ifPresent(signal -> body.put("StopSignal", signal));
    body.set("Labels", object(spec.labels()).put(RestartPolicy.LABEL, restart.toString()));
    ObjectNode host = body.putObject("HostConfig");
    host.set("Binds", array(options.volumes()));
    host.set("CapDrop", array(options.capDrop()));
    host.set("RestartPolicy", restart.json());
    host.put("ReadonlyRootfs", options.readOnly());
    options.memory().ifPresent(bytes -> host.put("Memory", bytes));
    options.cpus().ifPresent(cpus -> host.put("NanoCpus", Math.round(cpus * NANO)));
    options.networks().stream().findFirst().ifPresent(first -> host.put("NetworkMode", first));
    host.putObject("LogConfig")
        .put("Type", options.logDriver().orElse(""))
        .set("Config", object(options.logOptions()));
    spec.publication().ifPresent(publication -> publish(publication, body, host));
    return body;
  }

  private static void publish(Publication publication, ObjectNode body, ObjectNode host) {
    String port = publication.containerPort() + "/tcp";
    body.putObject("ExposedPorts").putObject(port);
    host.putObject("PortBindings")
        .putArray(port)
        .addObject()
        .put("HostIp", publication.hostIp())
        .put("HostPort", Integer.toString(publication.hostPort()));
  }

  static ArrayNode array(Collection<String> texts) {
    ArrayNode array = JSON.arrayNode();
    texts.forEach(array::add);
    return array;
  }

  private static ObjectNode object(Map<String, String> texts) {
    ObjectNode object = JSON.objectNode();
    texts.forEach(object::put);
    return object;
  }
}
