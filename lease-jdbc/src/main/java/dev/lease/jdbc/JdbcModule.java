package dev.lease.jdbc;

import com.google.inject.AbstractModule;
import com.google.inject.Key;
import com.google.inject.Provider;
import com.google.inject.Singleton;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.lang.annotation.Annotation;
import org.jspecify.annotations.Nullable;

/**
 * A Guice module that binds {@link LeaseStore}, {@link JobQueue}, {@link JobAdmin} and {@link
 * JdbcBackend}, as singletons. The backend opens when the first of them is needed, in {@code
 * Stage.PRODUCTION} at once. Whoever makes the injector must close it.
 */
public final class JdbcModule extends AbstractModule {

  private final JdbcConfig config;
  private final @Nullable Class<? extends Annotation> annotation;

  /**
   * Binds a store without an annotation.
   *
   * @param config the configuration, with a URL
   */
  public JdbcModule(JdbcConfig config) {
    this.config = config;
    this.annotation = null;
  }

  /**
   * Binds a store under an annotation, for programs with several stores.
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
    Provider<JdbcBackend> backend = getProvider(key(JdbcBackend.class));
    bind(key(JdbcBackend.class)).toProvider(() -> JdbcBackend.open(config)).in(Singleton.class);
    bind(key(LeaseStore.class)).toProvider(() -> backend.get().leaseStore());
    bind(key(JobQueue.class)).toProvider(() -> backend.get().jobQueue());
    bind(key(JobAdmin.class)).toProvider(() -> backend.get().jobAdmin());
  }

  private <T> Key<T> key(Class<T> type) {
    return annotation == null ? Key.get(type) : Key.get(type, annotation);
  }
}
