package dev.s3dock.git;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes credentials out of the address of a remote (forms: git-fetch(1), "GIT URLS"). */
final class RemoteUrl {
  // The user part ends at the last @ before the path, because a careless password may hold one.
  private static final Pattern WITH_USER =
      Pattern.compile("(?s)([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)@(.*)");

  private RemoteUrl() {}

  /** What a clone's folder would be called; empty where the address has no path. */
  static String lastPart(String url) {
    String path =
        url.replaceFirst("[?#].*$", "").replaceFirst("/+$", "").replaceFirst("/?\\.git$", "");
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf(':')) + 1);
  }

  /** For http and its like even a lone user is dropped: tokens are put there. */
  static String withoutCredentials(String url) {
    Matcher matcher = WITH_USER.matcher(url);
    if (!matcher.matches()) {
      return url;
    }
    String user = matcher.group(2).split(":", 2)[0];
    boolean keepUser = matcher.group(1).toLowerCase(Locale.ROOT).contains("ssh");
    return matcher.group(1) + "://" + (keepUser ? user + "@" : "") + matcher.group(3);
  }
}
