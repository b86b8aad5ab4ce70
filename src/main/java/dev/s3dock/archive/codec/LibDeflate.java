package dev.s3dock.archive.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.s3dock.archive.CorruptArchiveException;
import dev.s3dock.archive.FormatLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The C library libdeflate, called in place: {@code libdeflate.h} of version 1.8 or later, on a
 * 64-bit machine.
 *
 * <p>Its functions run for milliseconds, in which a thread that lends Java memory to them would
 * hold up every garbage collection. So bytes are copied to memory outside of the heap and back, by
 * way of workspaces that are used again. Idle ones are kept, as many as there are processors, each
 * of about 10 MiB.
 */
@SuppressWarnings("restricted") // calls native code, as DescriptorScreen alone does besides
final class LibDeflate implements Deflate {
  /** System property: the library's absolute path, or {@value #OFF}. */
  static final String PROPERTY = "s3dock.libdeflate";

  private static final String OFF = "off";
  private static final List<String> NAMES =
      List.of("libdeflate.so.0", "libdeflate.so", "libdeflate.0.dylib", "libdeflate.dylib");
  private static final int MAX_LEVEL = 9;
  private static final int WORKSPACE_BYTES = FormatLimits.MAX_STORED_CHUNK_BYTES;

  // enum libdeflate_result
  private static final int SUCCESS = 0;
  private static final int SHORT_OUTPUT = 2;
  private static final int INSUFFICIENT_SPACE = 3;

  private final MethodHandle allocCompressor;
  private final MethodHandle compress;
  private final MethodHandle freeCompressor;
  private final MethodHandle allocDecompressor;
  private final MethodHandle decompress;
  private final MethodHandle freeDecompressor;
  private final BlockingQueue<Workspace> idle =
      new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

  private LibDeflate(SymbolLookup library) {
    this.allocCompressor =
        function(library, "alloc_compressor", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    this.compress =
        function(
            library,
            "deflate_compress",
            FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));
    this.freeCompressor = function(library, "free_compressor", FunctionDescriptor.ofVoid(ADDRESS));
    this.allocDecompressor =
        function(library, "alloc_decompressor", FunctionDescriptor.of(ADDRESS));
    this.decompress =
        function(
            library,
            "deflate_decompress_ex",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));
    this.freeDecompressor =
        function(library, "free_decompressor", FunctionDescriptor.ofVoid(ADDRESS));
  }

  private static MethodHandle function(
      SymbolLookup library, String name, FunctionDescriptor signature) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow("libdeflate_" + name), signature);
  }

  /**
   * Loads the library, if it is there and usable: whoever does without it is slower and no worse.
   *
   * @param setting value of the system property {@value #PROPERTY}
   */
  static Optional<LibDeflate> find(@Nullable String setting) {
    if (OFF.equals(setting)) {
      return Optional.empty();
    }
    List<String> candidates = setting == null ? NAMES : List.of(setting);
    return candidates.stream().flatMap(name -> load(name).stream()).findFirst();
  }

  private static Optional<LibDeflate> load(String name) {
    try {
      if (ADDRESS.byteSize() != Long.BYTES) {
        return Optional.empty();
      }
      SymbolLookup library =
          name.startsWith("/")
              ? SymbolLookup.libraryLookup(Path.of(name), Arena.global())
              : SymbolLookup.libraryLookup(name, Arena.global());
      LibDeflate found = new LibDeflate(library);
      return found.works() ? Optional.of(found) : Optional.empty();
    } catch (IllegalArgumentException
        | IllegalCallerException
        | IllegalStateException
        | NoSuchElementException
        | UnsupportedOperationException
        | LinkageError e) {
      return Optional.empty();
    }
  }

  private boolean works() {
    byte[] raw = new byte[1000];
    byte[] again = new byte[raw.length];
    Arrays.fill(raw, 100, 500, (byte) 'x');
    byte[] stream = compress(raw, 1, 0, 0);
    try {
      decompress(stream, 0, stream.length, again);
    } catch (CorruptArchiveException e) {
      return false;
    }
    return Arrays.equals(raw, again);
  }

  @Override
  public String name() {
    return "libdeflate";
  }

  @Override
  public int defaultLevel() {
    return 4;
  }

  @Override
  public byte[] compress(byte[] raw, int level, int before, int after) {
    int most = GzipMember.maxStreamLength(raw.length);
    Workspace workspace = borrow(most);
    try {
      MemorySegment.copy(MemorySegment.ofArray(raw), 0, workspace.in, 0, raw.length);
      int length =
          (int)
              (long)
                  compress.invokeExact(
                      workspace.compressor(level),
                      workspace.in,
                      (long) raw.length,
                      workspace.out,
                      (long) most);
      if (length == 0) {
        throw new IllegalStateException("libdeflate needs more than " + most + " bytes");
      }
      byte[] stream = new byte[before + length + after];
      MemorySegment.copy(workspace.out, 0, MemorySegment.ofArray(stream), before, length);
      return stream;
    } catch (Throwable e) {
      throw unchecked(e);
    } finally {
      giveBack(workspace);
    }
  }

  @Override
  public void decompress(byte[] bytes, int offset, int length, byte[] raw)
      throws CorruptArchiveException {
    Workspace workspace = borrow(Math.max(length, raw.length));
    try {
      MemorySegment.copy(MemorySegment.ofArray(bytes), offset, workspace.in, 0, length);
      int result =
          (int)
              decompress.invokeExact(
                  workspace.decompressor,
                  workspace.in,
                  (long) length,
                  workspace.out,
                  (long) raw.length,
                  workspace.bytesRead,
                  MemorySegment.NULL); // so it must fill the output
      switch (result) {
        case SUCCESS -> {}
        case SHORT_OUTPUT -> throw Deflate.tooShort();
        case INSUFFICIENT_SPACE -> throw Deflate.tooLong();
        default -> throw new CorruptArchiveException("a gzip member is damaged");
      }
      if (workspace.bytesRead.get(JAVA_LONG, 0) != length) {
        throw Deflate.tooLong();
      }
      MemorySegment.copy(workspace.out, 0, MemorySegment.ofArray(raw), 0, raw.length);
    } catch (CorruptArchiveException e) {
      throw e;
    } catch (Throwable e) {
      throw unchecked(e);
    } finally {
      giveBack(workspace);
    }
  }

  private Workspace borrow(int bytes) {
    if (bytes > WORKSPACE_BYTES) {
      return new Workspace(bytes);
    }
    Workspace workspace = idle.poll();
    return workspace == null ? new Workspace(WORKSPACE_BYTES) : workspace;
  }

  private void giveBack(Workspace workspace) {
    if (workspace.out.byteSize() > WORKSPACE_BYTES || !idle.offer(workspace)) {
      workspace.arena.close();
    }
  }

  /** A method handle may throw anything, the functions behind these throw nothing. */
  private static RuntimeException unchecked(Throwable thrown) {
    switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(thrown);
    }
  }

  /** Memory outside of the heap for one call at a time. Closing the arena frees all of it. */
  private final class Workspace {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment in;
    private final MemorySegment out;
    private final MemorySegment bytesRead = arena.allocate(JAVA_LONG);
    private final MemorySegment decompressor;
    private final @Nullable MemorySegment[] compressors = new MemorySegment[MAX_LEVEL + 1];

    private Workspace(int bytes) {
      this.in = arena.allocate(bytes);
      this.out = arena.allocate(bytes);
      try {
        this.decompressor =
            freed((MemorySegment) allocDecompressor.invokeExact(), freeDecompressor);
      } catch (Throwable e) {
        throw unchecked(e);
      }
    }

    private MemorySegment compressor(int level) throws Throwable {
      MemorySegment compressor = compressors[level];
      if (compressor == null) {
        compressor = freed((MemorySegment) allocCompressor.invokeExact(level), freeCompressor);
        compressors[level] = compressor;
      }
      return compressor;
    }

    private MemorySegment freed(MemorySegment allocated, MethodHandle free) {
      if (allocated.equals(MemorySegment.NULL)) {
        throw new OutOfMemoryError("libdeflate could not allocate memory");
      }
      return allocated.reinterpret(
          arena,
          segment -> {
            try {
              free.invokeExact(segment);
            } catch (Throwable e) {
              throw unchecked(e);
            }
          });
    }
  }
}
