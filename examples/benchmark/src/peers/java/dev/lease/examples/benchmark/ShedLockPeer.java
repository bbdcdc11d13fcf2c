package dev.lease.examples.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisURI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider.Configuration;
import net.javacrumbs.shedlock.provider.redis.spring.RedisLockProvider;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/** The locks of ShedLock, on PostgreSQL and Redis. */
public final class ShedLockPeer implements JavaPeer {

  private static final int POOL = 10;

  @Override
  public String name() {
    return "shedlock";
  }

  @Override
  public Locks locks(Target target) {
    if (target.kind() == StoreKind.REDIS) {
      return redis(target);
    }
    return postgresql(target);
  }

  private static Locks redis(Target target) {
    RedisURI uri = RedisURI.create(target.url());
    LettuceConnectionFactory connections =
        new LettuceConnectionFactory(uri.getHost(), uri.getPort());
    connections.afterPropertiesSet();
    connections.start();
    return new ShedLocks(new RedisLockProvider(connections), connections::destroy);
  }

  private static Locks postgresql(Target target) {
    HikariDataSource pool =
        PostgresqlPool.open(target.url(), target.settings().number("pool", POOL));
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          create table if not exists shedlock (name varchar(64) not null,
            lock_until timestamp not null, locked_at timestamp not null,
            locked_by varchar(255) not null, primary key (name))
          """);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    Configuration configuration =
        Configuration.builder().withJdbcTemplate(new JdbcTemplate(pool)).usingDbTime().build();
    return new ShedLocks(new JdbcTemplateLockProvider(configuration), pool::close);
  }
}
