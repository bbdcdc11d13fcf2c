package dev.lease.examples.springboot;

import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.TypedJobHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Says each morning how many orders were booked. */
@Component
record Report(JdbcTemplate tables) implements TypedJobHandler<String> {

  private static final Logger log = LoggerFactory.getLogger(Report.class);

  @Override
  public JobType<String> type() {
    return Shop.REPORT;
  }

  @Override
  public void handle(String which, JobContext context) {
    log.info(
        "{} report: {} orders are booked",
        which,
        tables.queryForObject("select count(*) from booking", Long.class));
  }
}
