package dev.s3dock.cli.invocation;

/** What a stream leads to: the window of a terminal, or something that nobody looks at. */
public interface Screen {
  /** No terminal: a pipe or a file. */
  Screen NONE =
      new Screen() {
        @Override
        public boolean isTerminal() {
          return false;
        }

        @Override
        public int columns() {
          return 0;
        }
      };

  boolean isTerminal();

  /** Columns of the window at this moment; 0 if they are not known. */
  int columns();
}
