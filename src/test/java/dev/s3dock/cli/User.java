package dev.s3dock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.s3dock.cli.invocation.Display;
import dev.s3dock.cli.invocation.ProcessContext;
import dev.s3dock.cli.invocation.Screen;
import dev.s3dock.testing.PlantedSecrets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Somebody who types commands: a home, a working directory, an environment; all in process. */
public final class User {
  /** MiB of heap of commands that do not compute much. */
  private static final int SHORT = 200;

  /** Of no use to a person. */
  private static final Pattern PARTS_OF_SECONDS = Pattern.compile("T\\d\\d:\\d\\d:\\d\\d\\.\\d");

  /** A field whose text is what Java prints of a collection or a map. */
  private static final Pattern LIST_IN_TEXT =
      Pattern.compile("\"\\w+\" ?: ?\"(\\[[^\"\\]]*\\]|\\{[^\"}]*})\"");

  private final Path home;
  private final Map<String, String> environment = new HashMap<>();
  private Path workingDirectory;
  private int columns;
  private byte[] typed = {};
  private Clock clock = Clock.systemUTC();

  public User(Path folder) {
    try {
      home = Files.createDirectories(folder.resolve("home"));
      workingDirectory = Files.createDirectories(folder.resolve("work"));
      Path docker = Files.createDirectories(home.resolve(".docker"));
      if (!Files.exists(docker.resolve("config.json"))) {
        Files.writeString(docker.resolve("config.json"), PlantedSecrets.dockerConfig());
      }
      environment.put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    environment.put("USER", "tester");
    environment.put("AWS_ACCESS_KEY_ID", PlantedSecrets.ACCESS_KEY);
    environment.put("AWS_SECRET_ACCESS_KEY", PlantedSecrets.SECRET_KEY);
    environment.put("A_VARIABLE", PlantedSecrets.VARIABLE);
    environment.put("PATH", System.getenv("PATH"));
    environment.put("DOCKER_HOST", "unix://" + folder.resolve("no-engine.sock"));
  }

  public User with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  public User with(Map<String, String> variables) {
    environment.putAll(variables);
    return this;
  }

  /** A variable of the environment, which has to be there. */
  public String variable(String name) {
    return Optional.ofNullable(environment.get(name)).orElseThrow();
  }

  public User in(Path directory) {
    workingDirectory = directory;
    return this;
  }

  /** On a terminal that is wide enough for all. */
  public User onTerminal() {
    return onTerminal(300);
  }

  /** On a terminal of this width, as stdout and as stderr. */
  public User onTerminal(int wide) {
    columns = wide;
    return this;
  }

  private Screen screen() {
    return new Screen() {
      @Override
      public boolean isTerminal() {
        return columns > 0;
      }

      @Override
      public int columns() {
        return columns;
      }
    };
  }

  /** Types some time later; what is written by then has that time too. */
  public User later(Duration time) {
    clock = Clock.offset(Clock.systemUTC(), time);
    return this;
  }

  /** What commands read from their standard input. */
  public User typing(byte[] input) {
    typed = input.clone();
    return this;
  }

  public Path workingDirectory() {
    return workingDirectory;
  }

  public Path home() {
    return home;
  }

  public Path temporary() {
    return Path.of(environment.getOrDefault("TMPDIR", ""));
  }

  /** What a command did. */
  public record Result(int exitCode, String out, String err) {
    public String line() {
      return out.strip();
    }

    public JsonNode json() {
      try {
        return new ObjectMapper().readTree(out);
      } catch (IOException e) {
        throw new UncheckedIOException("stdout is no JSON: " + out, e);
      }
    }

    public Result ok() {
      if (exitCode != 0) {
        throw new AssertionError("exit " + exitCode + "\n" + out + err);
      }
      return this;
    }
  }

  public Result s3dock(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        Main.run(
            args,
            new ProcessContext(
                environment,
                workingDirectory,
                home,
                clock,
                new ByteArrayInputStream(typed),
                screen(),
                new Display(out, screen(), err, screen(), environment)));
    Result result =
        new Result(
            exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    if (PARTS_OF_SECONDS.matcher(result.err()).find()) {
      throw new AssertionError("a time is not to the second in " + result.err());
    }
    if (List.of(args).contains("--json")) {
      requireNoJsonInTexts(result.out());
    }
    PlantedSecrets.requireAbsent(String.join(" ", args), result.out() + "\n" + result.err());
    return result;
  }

  /** A list or an object that is written as a text is of no use to who reads JSON. */
  private static void requireNoJsonInTexts(String out) {
    for (String line : out.lines().toList()) {
      for (String text : LIST_IN_TEXT.matcher(line).results().map(it -> it.group()).toList()) {
        throw new AssertionError("a list or an object as a text, " + text + ", in " + out);
      }
    }
  }

  /** Starts a command in a process of its own, with this heap in MiB; output goes to a file. */
  public Process start(int heapMib, Path output, String... args) {
    return start(List.of(), heapMib, output, args);
  }

  /** The same, through a program that becomes the command. */
  public Process start(List<String> through, int heapMib, Path output, String... args) {
    List<String> command = new ArrayList<>(through);
    command.addAll(command(heapMib, args));
    return run(command, output);
  }

  /**
   * Runs a shell's script in a pseudo terminal of so many columns, which {@code script} of
   * util-linux makes; what the terminal is sent goes to a file.
   *
   * @param script in which {@code s3dock} stands for the program
   */
  public Process startOnTerminal(int columns, Path output, String script) {
    String program =
        command(SHORT).stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    String shell =
        "stty cols %d rows 24; s3dock() { %s \"$@\"; }; %s".formatted(columns, program, script);
    return run(List.of("script", "--quiet", "--return", "--command", shell, "/dev/null"), output);
  }

  private List<String> command(int heapMib, String... args) {
    List<String> command = new ArrayList<>();
    // a JVM that was started in the background ignores Ctrl-C, and so would this one
    command.addAll(List.of("env", "--default-signal=INT", Program.JAVA.toString()));
    command.addAll(Program.options());
    command.addAll(List.of("-Xmx" + heapMib + "m", "-Djava.io.tmpdir=" + temporary()));
    if (heapMib <= SHORT) {
      command.add("-XX:TieredStopAtLevel=1"); // what is short spends half of its time on the rest
    }
    command.add("dev.s3dock.cli.Main");
    command.addAll(List.of(args));
    return command;
  }

  /** Starts a launcher of s3dock instead, with the options that it gives to Java. */
  public Process start(Path launcher, Path output, String... args) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    return run(command, output);
  }

  private Process run(List<String> command, Path output) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(workingDirectory.toFile());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("HOME", home.toString());
    try {
      Process process = builder.start();
      var _ = process.onExit().thenRun(() -> PlantedSecrets.keep(output));
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
