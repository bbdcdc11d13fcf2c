package dev.lease.examples.benchmark;

import tools.jackson.databind.json.JsonMapper;

/** The JSON of results, and of the lines of a child. */
final class Json {

  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}
}
