import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodBuilder;
import java.lang.classfile.MethodElement;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Copies jars so that the ahead-of-time cache can hold all their classes: {@code java
 * PrepareJars.java FROM TO}. It takes in neither signed classes (Bouncy Castle) nor class files
 * older than Java 6, which have no stack maps (picocli, compiled for Java 5). So signatures are
 * left out, and such class files get stack maps and the version of Java 6; nothing else changes.
 */
final class PrepareJars {
  private static final String SIGNATURE = "META-INF/[^/]*\\.(SF|RSA|DSA|EC)";

  private PrepareJars() {}

  public static void main(String[] args) throws IOException {
    Path to = Files.createDirectories(Path.of(args[1]));
    List<Path> jars;
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
    for (Path jar : jars) {
      Path copy = to.resolve(jar.getFileName());
      if (suits(jar)) {
        Files.copy(
            jar,
            copy,
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.COPY_ATTRIBUTES);
      } else {
        rewrite(jar, copy);
      }
    }
  }

  /** True if the cache takes the jar as it is; the classes of one jar are all of one age. */
  private static boolean suits(Path jar) throws IOException {
    boolean looked = false;
    try (JarFile in = new JarFile(jar.toFile())) {
      for (JarEntry entry : in.stream().toList()) {
        if (entry.getName().matches(SIGNATURE)) {
          return false;
        }
        if (!looked && isClass(entry)) {
          looked = true;
          if (isOld(read(in, entry))) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private static void rewrite(Path jar, Path copy) throws IOException {
    try (JarFile in = new JarFile(jar.toFile());
        OutputStream file = Files.newOutputStream(copy);
        ZipOutputStream out = new ZipOutputStream(file)) {
      ClassFile classFile =
          ClassFile.of(
              StackMapsOption.GENERATE_STACK_MAPS,
              ClassHierarchyResolverOption.of(
                  hierarchy(in).orElse(ClassHierarchyResolver.defaultResolver())));
      for (JarEntry entry : in.stream().toList()) {
        if (entry.isDirectory() || entry.getName().matches(SIGNATURE)) {
          continue;
        }
        byte[] content = read(in, entry);
        ZipEntry copied = new ZipEntry(entry.getName());
        copied.setTime(entry.getTime());
        out.putNextEntry(copied);
        out.write(isClass(entry) && isOld(content) ? renewed(classFile, content) : content);
      }
    }
  }

  private static boolean isClass(JarEntry entry) {
    return entry.getName().endsWith(".class") && !entry.getName().endsWith("module-info.class");
  }

  private static byte[] read(JarFile in, JarEntry entry) throws IOException {
    try (InputStream content = in.getInputStream(entry)) {
      return content.readAllBytes();
    }
  }

  private static boolean isOld(byte[] content) {
    return ClassFile.of().parse(content).majorVersion() < ClassFile.JAVA_6_VERSION;
  }

  private static ClassHierarchyResolver hierarchy(JarFile in) {
    return ClassHierarchyResolver.ofResourceParsing(
        type -> {
          String descriptor = type.descriptorString();
          ZipEntry entry =
              in.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
          try {
            return entry == null ? null : in.getInputStream(entry);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Built anew element by element, which is what makes the library compute stack maps. */
  private static byte[] renewed(ClassFile classFile, byte[] content) {
    ClassModel old = classFile.parse(content);
    return classFile.build(
        old.thisClass().asSymbol(),
        builder -> {
          for (ClassElement element : old) {
            switch (element) {
              case ClassFileVersion _ -> builder.withVersion(ClassFile.JAVA_6_VERSION, 0);
              case MethodModel method ->
                  builder.withMethod(
                      method.methodName(),
                      method.methodType(),
                      method.flags().flagsMask(),
                      body -> method.forEach(part -> copy(body, part)));
              default -> builder.with(element);
            }
          }
        });
  }

  private static void copy(
      MethodBuilder body, MethodElement part) {
    if (part instanceof CodeModel code) {
      body.withCode(code::forEach);
    } else {
      body.with(part);
    }
  }
}
