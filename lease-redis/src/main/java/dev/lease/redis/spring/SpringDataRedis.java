package dev.lease.redis.spring;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/** The server that the application itself uses, by its properties {@code spring.data.redis}. */
record SpringDataRedis(Environment environment) {

  String uri() {
    for (String several : new String[] {"cluster.nodes", "sentinel.nodes"}) {
      // Also a list: its first element has an index.
      if (property(several) != null || property(several + "[0]") != null) {
        throw new InvalidConfigurationPropertyValueException(
            "lease.redis.uri",
            null,
            "It must be set, since spring.data.redis.%s has several servers: redis://host1,host2:7000 is a cluster, redis-sentinel://host1,host2/0#master asks sentinels."
                .formatted(several));
      }
    }
    String url = property("url");
    if (url != null) {
      return url;
    }
    String password = property("password");
    return (Boolean.parseBoolean(property("ssl.enabled")) ? "rediss://" : "redis://")
        + (password == null ? "" : encoded(property("username")) + ":" + encoded(password) + "@")
        + or(property("host"), "localhost")
        + ":"
        + or(property("port"), "6379")
        + "/"
        + or(property("database"), "0");
  }

  private @Nullable String property(String name) {
    return environment.getProperty("spring.data.redis." + name);
  }

  private static String or(@Nullable String value, String otherwise) {
    return value == null ? otherwise : value;
  }

  private static String encoded(@Nullable String value) {
    return value == null
        ? ""
        : URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
