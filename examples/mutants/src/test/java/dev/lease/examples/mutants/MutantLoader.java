package dev.lease.examples.mutants;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;

/** Loads the classes and files of a store anew, and everything else as it is. */
final class MutantLoader extends URLClassLoader {

  private final String folder;

  /**
   * @param urls the folder of the changed file, then those of the store
   * @param folder how the names of the store's classes and files begin, with slashes
   */
  MutantLoader(URL[] urls, String folder) {
    super(urls, MutantLoader.class.getClassLoader());
    this.folder = folder;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.replace('.', '/').startsWith(folder)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  @Override
  public URL getResource(String name) {
    return name.startsWith(folder) ? findResource(name) : super.getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    return name.startsWith(folder) ? findResources(name) : super.getResources(name);
  }
}
