/**
 * A store in an application of Spring Boot, over the application's {@code DataSource} and in its
 * transactions. Needs Spring Boot and Spring's JDBC.
 */
@NullMarked
package dev.lease.jdbc.spring;

import org.jspecify.annotations.NullMarked;
