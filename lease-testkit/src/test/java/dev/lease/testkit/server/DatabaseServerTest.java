package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DatabaseServerTest {

  @Test
  void aNewDatabaseTakesThePlaceOfTheOneInTheUrl() {
    assertThat(DatabaseServer.withDatabase("jdbc:postgresql://h:1/old?user=u&password=p", "new"))
        .isEqualTo("jdbc:postgresql://h:1/new?user=u&password=p");
    assertThat(DatabaseServer.withDatabase("jdbc:postgresql://a:1,b:2/?user=u", "new"))
        .isEqualTo("jdbc:postgresql://a:1,b:2/new?user=u");
    assertThat(DatabaseServer.withDatabase("jdbc:postgresql:old", "new"))
        .isEqualTo("jdbc:postgresql:new");
    assertThat(DatabaseServer.withDatabase("jdbc:mariadb://h:1/old?user=u", "new"))
        .isEqualTo("jdbc:mariadb://h:1/new?user=u");
  }
}
