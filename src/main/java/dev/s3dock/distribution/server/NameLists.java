package dev.s3dock.distribution.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.s3dock.archive.Json;
import dev.s3dock.distribution.Page;
import dev.s3dock.distribution.Repositories;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;

/** Tags and repositories, page by page (distribution-spec, "Content Discovery"). */
final class NameLists {
  private final Repositories repositories;

  NameLists(Repositories repositories) {
    this.repositories = repositories;
  }

  void tags(String repository, Request request, Reply reply) throws IOException {
    Page.Wanted wanted = wanted(request);
    Page page = Page.of(repositories.named(repository).tags(), wanted);
    ObjectNode body = Json.object().put("name", repository);
    answer(body, "tags", page, "/v2/" + repository + "/tags/list", wanted, reply);
  }

  void repositories(Request request, Reply reply) throws IOException {
    Page.Wanted wanted = wanted(request);
    Page page = Page.of(repositories.names(), wanted);
    answer(Json.object(), "repositories", page, "/v2/_catalog", wanted, reply);
  }

  private static void answer(
      ObjectNode body, String field, Page page, String path, Page.Wanted wanted, Reply reply)
      throws IOException {
    ArrayNode names = body.putArray(field);
    page.names().forEach(names::add);
    page.next()
        .ifPresent(
            last ->
                reply.with(
                    HttpHeader.LINK,
                    "<%s?n=%d&last=%s>; rel=\"next\""
                        .formatted(
                            path,
                            wanted.count().orElseThrow(),
                            URLEncoder.encode(last, StandardCharsets.UTF_8))));
    reply.body(200, Reply.JSON, Json.bytes(body));
  }

  private static Page.Wanted wanted(Request request) {
    Fields parameters = Request.extractQueryParameters(request);
    return Page.Wanted.of(
        Optional.ofNullable(parameters.getValue("n")).filter(text -> !text.isEmpty()),
        Optional.ofNullable(parameters.getValue("last")));
  }
}
