package dev.s3dock.config;

import dev.s3dock.image.FailureWords;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The commented file that a new user starts from. */
public final class StarterFile {
  private static final String TEXT =
      """
      // s3dock configuration (JSON5). Read from s3dock.json5 here or in a folder above,
      // ~/.s3dock/config.json5, /etc/s3dock/config.json5, or --config FILE. Flags and environment variables
      // (S3DOCK_PROFILE, S3DOCK_BUCKET, AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, …) take precedence.
      {
        default_profile: "default",
        // app: "myapp",                // what commands mean that name no app

        profiles: {
          default: {
            // bucket: "NAME",          // yours: nothing is asked of any bucket before this is set
            // bucket: "file:///srv/s3dock",   // or a folder
            region: "us-east-1",
            // endpoint: "https://minio.example.com:9000",   // any S3-compatible store
            // Without keys here, the AWS default chain applies: environment, ~/.aws, SSO, instance role.
            // access_key: "…",
            // secret_key: "…",
          },
        },

        docker: {
          timeout: "30s",              // how long the engine may take to answer
          compression: "gzip",         // gzip:1 (fast) … gzip:9 (small), or zstd
        },

        // cache: { path: "/srv/cache/s3dock", size: "2GiB" },   // what pulls keep; size: 0 for nothing

        // How apps are deployed on this host (s3dock deploy): docs/deploy.md has all keys.
        // deploy: {
        //   myapp: {
        //     port: 8080,                // inside its container
        //     health: { path: "/up" },
        //     traffic: { driver: "haproxy", backend: "myapp", url: "http://127.0.0.1/up" },
        //   },
        // },

        defaults: {
          retry_count: 3,
          log_level: "info",           // error, info, debug
        },
      }
      """;

  private StarterFile() {}

  /**
   * Writes the file, readable by its owner alone.
   *
   * @throws ConfigException if it exists already, or cannot be written
   */
  public static void write(Path file) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, TEXT, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new ConfigException(file + " already exists, and was not changed");
    } catch (NoSuchFileException e) {
      throw new ConfigException("cannot write " + file + ": its folder does not exist");
    } catch (IOException e) {
      throw new ConfigException("cannot write " + file + ": " + FailureWords.of(e));
    }
  }
}
