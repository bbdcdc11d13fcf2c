/** A store on Redis in an application of Spring Boot. Needs Spring Boot. */
@NullMarked
package dev.lease.redis.spring;

import org.jspecify.annotations.NullMarked;
