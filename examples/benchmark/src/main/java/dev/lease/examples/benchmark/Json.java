package dev.lease.examples.benchmark;

import tools.jackson.databind.json.JsonMapper;

/** The JSON of results, and of what a child says. */
final class Json {

  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}
}
