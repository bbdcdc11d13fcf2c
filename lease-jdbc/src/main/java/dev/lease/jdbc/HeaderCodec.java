package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Puts headers into one column, in the form of a query string: {@code trace=1f3a&tenant=acme}. */
final class HeaderCodec {

  private HeaderCodec() {}

  static String encode(Map<String, String> headers) {
    if (headers.isEmpty()) {
      return "";
    }
    return new TreeMap<>(headers)
        .entrySet().stream()
            .map(
                e ->
                    URLEncoder.encode(e.getKey(), UTF_8)
                        + "="
                        + URLEncoder.encode(e.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
  }

  static Map<String, String> decode(String text) {
    if (text.isEmpty()) {
      return Map.of();
    }
    var headers = new LinkedHashMap<String, String>();
    for (String pair : text.split("&", -1)) {
      int split = pair.indexOf('=');
      String key = split < 0 ? pair : pair.substring(0, split);
      headers.put(decoded(key), split < 0 ? "" : decoded(pair.substring(split + 1)));
    }
    return headers;
  }

  /** A row that somebody broke by hand must not make a claim of other jobs fail. */
  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
