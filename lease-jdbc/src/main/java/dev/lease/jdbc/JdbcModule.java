package dev.lease.jdbc;

import com.google.inject.Key;
import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.lang.annotation.Annotation;
import org.jspecify.annotations.Nullable;

/**
 * Guice: exposes {@link LeaseStore}, {@link JobQueue}, {@link JobAdmin} and {@link JdbcBackend}, as
 * singletons. The backend opens with the first of them that is asked for (at once in {@code
 * Stage.PRODUCTION}); whoever made the injector closes it.
 */
public final class JdbcModule extends PrivateModule {

  private final JdbcConfig config;
  private final @Nullable Class<? extends Annotation> annotation;

  /**
   * A store without an annotation.
   *
   * @param config the configuration, with a URL
   */
  public JdbcModule(JdbcConfig config) {
    this.config = config;
    this.annotation = null;
  }

  /**
   * A store under an annotation, for programs with several.
   *
   * @param config the configuration, with a URL
   * @param annotation a binding annotation
   */
  public JdbcModule(JdbcConfig config, Class<? extends Annotation> annotation) {
    this.config = config;
    this.annotation = annotation;
  }

  @Override
  protected void configure() {
    offer(JdbcBackend.class);
    offer(LeaseStore.class);
    offer(JobQueue.class);
    offer(JobAdmin.class);
  }

  private <T> void offer(Class<T> type) {
    if (annotation == null) {
      expose(type);
    } else {
      Key<T> key = Key.get(type, annotation);
      bind(key).to(type);
      expose(key);
    }
  }

  @Provides
  @Singleton
  JdbcBackend backend() {
    return JdbcBackend.open(config);
  }

  @Provides
  LeaseStore leaseStore(JdbcBackend backend) {
    return backend.leaseStore();
  }

  @Provides
  JobQueue jobQueue(JdbcBackend backend) {
    return backend.jobQueue();
  }

  @Provides
  JobAdmin jobAdmin(JdbcBackend backend) {
    return backend.jobAdmin();
  }
}
