package dev.lease.jdbc;

import com.google.inject.AbstractModule;
import com.google.inject.Key;
import com.google.inject.Provider;
import com.google.inject.Singleton;
import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.lang.annotation.Annotation;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A Guice module that binds {@link LeaseStore}, {@link JobQueue}, {@link JobAdmin}, {@link
 * Admission}, {@link Backend} and {@link JdbcBackend}, as singletons. The backend opens when the
 * first of them is needed, in {@code Stage.PRODUCTION} at once. Whoever makes the injector must
 * close it.
 */
public final class JdbcModule extends AbstractModule {

  private final JdbcConfig config;
  private final @Nullable Class<? extends Annotation> annotation;
  private final @Nullable Key<? extends DataSource> dataSource;

  /**
   * Binds a store without an annotation.
   *
   * @param config the configuration, with a URL unless {@link #over} gives the connections
   */
  public JdbcModule(JdbcConfig config) {
    this(config, null, null);
  }

  /**
   * Binds a store under an annotation, for programs with several stores.
   *
   * @param config the configuration, with a URL unless {@link #over} gives the connections
   * @param annotation a binding annotation
   */
  public JdbcModule(JdbcConfig config, Class<? extends Annotation> annotation) {
    this(config, annotation, null);
  }

  private JdbcModule(
      JdbcConfig config,
      @Nullable Class<? extends Annotation> annotation,
      @Nullable Key<? extends DataSource> dataSource) {
    this.config = config;
    this.annotation = annotation;
    this.dataSource = dataSource;
  }

  /**
   * Binds a store that takes its connections from a {@code DataSource}, as {@link
   * JdbcBackend#over(DataSource, JdbcConfig)} does.
   *
   * @param dataSource the key under which the {@code DataSource} is bound; close it after the
   *     backend
   * @return another module, with the configuration and the annotation of this one
   */
  public JdbcModule over(Key<? extends DataSource> dataSource) {
    return new JdbcModule(config, annotation, Limits.notNull("dataSource", dataSource));
  }

  @Override
  protected void configure() {
    Provider<JdbcBackend> backend = getProvider(key(JdbcBackend.class));
    bind(key(JdbcBackend.class)).toProvider(opening()).in(Singleton.class);
    bind(key(Backend.class)).toProvider(backend);
    bind(key(LeaseStore.class)).toProvider(() -> backend.get().leaseStore());
    bind(key(JobQueue.class)).toProvider(() -> backend.get().jobQueue());
    bind(key(JobAdmin.class)).toProvider(() -> backend.get().jobAdmin());
    bind(key(Admission.class)).toProvider(() -> backend.get().admission());
  }

  private Provider<JdbcBackend> opening() {
    if (dataSource == null) {
      return () -> JdbcBackend.open(config);
    }
    Provider<? extends DataSource> source = getProvider(dataSource);
    return () -> JdbcBackend.over(source.get(), config);
  }

  private <T> Key<T> key(Class<T> type) {
    return annotation == null ? Key.get(type) : Key.get(type, annotation);
  }
}
