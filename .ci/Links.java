import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Prints the links in a jar of Javadoc that lead nowhere: to no page of it, and not to the JDK's. */
final class Links {

  private static final Pattern HREF = Pattern.compile("(?:href|src)=\"([^\"]+)\"");
  private static final String JDK = "https://docs.oracle.com/en/java/javase/";

  public static void main(String[] args) throws IOException {
    Set<String> dead = new TreeSet<>();
    try (ZipFile jar = new ZipFile(args[0])) {
      for (Enumeration<? extends ZipEntry> each = jar.entries(); each.hasMoreElements(); ) {
        String page = each.nextElement().getName();
        if (page.endsWith(".html")) {
          addDead(jar, page, dead);
        }
      }
    }
    dead.forEach(System.out::println);
    System.exit(dead.isEmpty() ? 0 : 1);
  }

  private static void addDead(ZipFile jar, String page, Set<String> dead) throws IOException {
    Matcher links = HREF.matcher(text(jar, page));
    while (links.find()) {
      String link = links.group(1);
      if (!link.startsWith("javascript:") && !leadsSomewhere(jar, page, link)) {
        dead.add(page + ": " + link);
      }
    }
  }

  private static boolean leadsSomewhere(ZipFile jar, String page, String link) throws IOException {
    // The list of contents that javadoc of JDK 17 makes there names what is no anchor.
    if (page.equals("constant-values.html") && link.startsWith("#")) {
      return true;
    }
    if (link.contains("://")) {
      return link.startsWith(JDK);
    }
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    String target = path.isEmpty() ? page : URI.create("/" + page).resolve(path).getPath().substring(1);
    if (jar.getEntry(target) == null) {
      return false;
    }
    String anchor = hash < 0 ? "" : URI.create(link.substring(hash)).getFragment();
    return anchor.isEmpty() || text(jar, target).contains("id=\"" + anchor.replace("<", "&lt;").replace(">", "&gt;") + "\"");
  }

  private static String text(ZipFile jar, String page) throws IOException {
    try (InputStream in = jar.getInputStream(jar.getEntry(page))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
