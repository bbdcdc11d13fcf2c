package com.example.cockroach;

import com.example.MovedClock;
import java.util.Map;

/** The dialect with a clock that the kit can move. */
class MovedCockroach extends CockroachDialect {

  @Override
  protected Map<String, String> words() {
    return MovedClock.words(super.words());
  }
}
