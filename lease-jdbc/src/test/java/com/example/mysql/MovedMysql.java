package com.example.mysql;

import com.example.MovedClock;
import java.util.Map;

/** The dialect with a clock that the kit can move. */
final class MovedMysql extends MysqlDialect {

  @Override
  protected Map<String, String> words() {
    return MovedClock.words(super.words());
  }
}
