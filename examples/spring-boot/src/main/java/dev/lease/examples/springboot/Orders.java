package dev.lease.examples.springboot;

import dev.lease.worker.JobClient;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The orders in the database. */
@Service
class Orders {

  private final JdbcTemplate tables;
  private final JobClient jobs;

  Orders(JdbcTemplate tables, JobClient jobs) {
    this.tables = tables;
    this.jobs = jobs;
  }

  /** Keeps an order, and enqueues the job that places it: both or neither. */
  @Transactional
  void take(Shop.Order order) {
    tables.update("insert into shop_order values (?, ?)", order.id(), order.cents());
    jobs.enqueue(jobs.job(Shop.PLACE, order.id(), order).build());
  }

  void book(Shop.Order order, String receipt) {
    tables.update("insert into booking values (?, ?)", order.id(), receipt);
  }
}
