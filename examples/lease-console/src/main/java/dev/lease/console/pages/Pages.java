package dev.lease.console.pages;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.util.Map;

/** The compiled pages. */
public final class Pages {

  private static final TemplateEngine ENGINE =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Pages.class.getClassLoader(), "dev.lease.console.jte");

  private Pages() {}

  /**
   * Renders a page. Each text in it is escaped for its place.
   *
   * @param page the name of the page
   * @param params what the page wants
   * @return the HTML
   */
  public static String render(String page, Map<String, Object> params) {
    StringOutput out = new StringOutput();
    ENGINE.render(page + ".jte", params, out);
    return out.toString();
  }
}
