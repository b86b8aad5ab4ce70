package dev.s3dock.distribution.client;

import static dev.s3dock.testing.FuzzTarget.require;

import dev.s3dock.image.InvalidNameException;
import dev.s3dock.testing.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** What names a registry on the command line, and what a registry asks for before it answers. */
public final class RegistryFuzz {
  private RegistryFuzz() {}

  public static List<FuzzTarget> targets() {
    return List.of(
        FuzzTarget.of(
            "registry-reference", InvalidNameException.class, RegistryFuzz::registryReference),
        new FuzzTarget("registry-challenge", Set.of(), RegistryFuzz::challenge));
  }

  private static void registryReference(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    RegistryReference reference = RegistryReference.parse(text);
    require(RegistryReference.isOne(text), "it is one");
    require(reference.toString().equals(text), "written, it is what was read");
    require(!reference.host().isEmpty(), "it has a host");
    require(reference.port().filter(port -> port > 65_535).isEmpty(), "the port can be had");
  }

  private static void challenge(byte[] input) {
    String header = new String(input, StandardCharsets.ISO_8859_1);
    Challenge.parse(header)
        .ifPresent(
            challenge ->
                challenge
                    .parameters()
                    .forEach(
                        (name, value) ->
                            require(
                                header.length() > name.length() + value.length(),
                                "nothing is made up")));
  }
}
