package dev.s3dock.testing.store;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/**
 * Mends S3Mock, which finds this class by {@code META-INF/spring}: it checks a precondition and
 * then writes, and lets two writers pass the check at once. Here the writers of a key take turns.
 */
@AutoConfiguration
public class OneWriterPerKey {
  @Bean
  FilterRegistrationBean<Filter> oneWriterPerKeyFilter() {
    Map<String, Object> keys = new ConcurrentHashMap<>();
    Filter filter =
        (request, response, chain) -> {
          HttpServletRequest http = (HttpServletRequest) request;
          if (!http.getMethod().equals("PUT")) {
            chain.doFilter(request, response);
            return;
          }
          synchronized (keys.computeIfAbsent(http.getRequestURI(), key -> new Object())) {
            chain.doFilter(request, response);
          }
        };
    return new FilterRegistrationBean<>(filter);
  }
}
