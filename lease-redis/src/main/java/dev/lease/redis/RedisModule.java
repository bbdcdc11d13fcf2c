package dev.lease.redis;

import com.google.inject.AbstractModule;
import com.google.inject.Key;
import com.google.inject.Provider;
import com.google.inject.Singleton;
import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.lang.annotation.Annotation;
import org.jspecify.annotations.Nullable;

/**
 * A Guice module that binds {@link LeaseStore}, {@link JobQueue}, {@link JobAdmin}, {@link
 * Admission}, {@link JobGraphs}, {@link Backend} and {@link RedisBackend} as singletons. The
 * backend opens when the first of them is injected, or at once in {@code Stage.PRODUCTION}. The
 * program that makes the injector has to close the backend.
 */
public final class RedisModule extends AbstractModule {

  private final RedisConfig config;
  private final @Nullable Class<? extends Annotation> annotation;

  /**
   * A store without an annotation.
   *
   * @param config the configuration
   */
  public RedisModule(RedisConfig config) {
    this.config = config;
    this.annotation = null;
  }

  /**
   * A store under an annotation, for programs with several stores.
   *
   * @param config the configuration
   * @param annotation a binding annotation
   */
  public RedisModule(RedisConfig config, Class<? extends Annotation> annotation) {
    this.config = config;
    this.annotation = annotation;
  }

  @Override
  protected void configure() {
    Provider<RedisBackend> backend = getProvider(key(RedisBackend.class));
    bind(key(RedisBackend.class)).toProvider(() -> RedisBackend.open(config)).in(Singleton.class);
    bind(key(Backend.class)).toProvider(backend);
    bind(key(LeaseStore.class)).toProvider(() -> backend.get().leaseStore());
    bind(key(JobQueue.class)).toProvider(() -> backend.get().jobQueue());
    bind(key(JobAdmin.class)).toProvider(() -> backend.get().jobAdmin());
    bind(key(Admission.class)).toProvider(() -> backend.get().admission());
    bind(key(JobGraphs.class)).toProvider(() -> backend.get().jobGraphs());
  }

  private <T> Key<T> key(Class<T> type) {
    return annotation == null ? Key.get(type) : Key.get(type, annotation);
  }
}
