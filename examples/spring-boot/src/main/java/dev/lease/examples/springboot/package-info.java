/** A service in Spring Boot that places orders. */
@NullMarked
package dev.lease.examples.springboot;

import org.jspecify.annotations.NullMarked;
