package dev.lease.jdbc.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;

/** Finds the transaction manager in whose transactions steps run. */
final class StepsManager {

  private StepsManager() {}

  /**
   * Of those on the {@code DataSource}, or else of those that do not tell on what they are, the
   * only or the primary one. One on another {@code DataSource}, or on none, as those for messages,
   * would begin a transaction that keeps no step.
   *
   * @throws IllegalStateException if it is not clear which one
   */
  static PlatformTransactionManager of(DataSource dataSource, ListableBeanFactory beans) {
    Map<String, PlatformTransactionManager> all =
        new TreeMap<>(
            BeanFactoryUtils.beansOfTypeIncludingAncestors(
                beans, PlatformTransactionManager.class));
    List<PlatformTransactionManager> possible = new ArrayList<>();
    for (PlatformTransactionManager each : all.values()) {
      if (each instanceof ResourceTransactionManager own && dataSource(own) == dataSource) {
        possible.add(each);
      }
    }
    if (possible.isEmpty()) {
      all.values().stream()
          .filter(each -> !(each instanceof ResourceTransactionManager))
          .forEach(possible::add);
    }
    PlatformTransactionManager primary =
        possible.size() == 1
            ? possible.get(0)
            : beans.getBeanProvider(PlatformTransactionManager.class).getIfUnique();
    if (primary != null && possible.contains(primary)) {
      return primary;
    }
    all.values().removeIf(each -> !possible.isEmpty() && !possible.contains(each));
    throw new IllegalStateException(
        "SpringSteps need one transaction manager on the DataSource of Lease's store, and of the beans "
            + all.keySet()
            + (possible.isEmpty() ? " none is on it: declare one" : " none is primary: make one so")
            + ", or declare a bean SpringSteps with the manager of your repositories");
  }

  private static @Nullable Object dataSource(ResourceTransactionManager manager) {
    Object resource = manager.getResourceFactory();
    if (resource instanceof DataSource) {
      return resource;
    }
    // Those of JPA and Hibernate have one beside their resource, and no type in common.
    var properties = PropertyAccessorFactory.forBeanPropertyAccess(manager);
    return properties.isReadableProperty("dataSource")
        ? properties.getPropertyValue("dataSource")
        : null;
  }
}
