package dev.samgs.deploy.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A network link on loopback that fails on demand: it listens on a port of its own and passes what
 * arrives there on to another, as long as it is told to. A Kafka broker behind it has to advertise
 * the link's port, for its clients connect to the address that it tells them.
 *
 * <p>A link that is {@linkplain #cut() cut} ends the connections that it has and every new one at
 * once, as a network does whose router is gone and says so. Its port stays bound, so that nobody
 * else can take it meanwhile. Slowness holds back bytes in both directions, in order.
 *
 * <p>Safe for use from several threads.
 */
public final class FaultyLink implements AutoCloseable {
  private static final int BUFFER = 16 * 1024;

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private volatile boolean whole = true;
  private volatile boolean closed;
  private volatile long delayNanos;
  private volatile long bytesPerSecond = Long.MAX_VALUE;

  private FaultyLink(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  /**
   * Opens a link in good order, on a free port.
   *
   * @param target loopback port at its other end; nobody has to listen there yet
   */
  public static FaultyLink to(int target) throws IOException {
    FaultyLink link =
        new FaultyLink(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
    start("link-to-" + target, link::accept);
    return link;
  }

  /** The port to connect to instead of the target. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Ends all connections, and each new one, until it is {@linkplain #mend() mended}. */
  public void cut() {
    whole = false;
    endAll();
  }

  /** Ends all connections, and lets new ones through. */
  public void reset() {
    endAll();
  }

  /**
   * Slows the link down.
   *
   * @param delay how long every piece of data is held back
   * @param bytesPerSecond how much each connection carries in each direction
   */
  public void slow(Duration delay, long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "a link that carries " + bytesPerSecond + " bytes a second is cut; use cut()");
    }
    this.delayNanos = delay.toNanos();
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Puts the link in good order again: whole, and as fast as loopback is. */
  public void mend() {
    delayNanos = 0;
    bytesPerSecond = Long.MAX_VALUE;
    whole = true;
  }

  private void accept() {
    while (!closed) {
      try {
        connect(listener.accept());
      } catch (IOException e) {
        if (!closed) {
          throw new IllegalStateException("the link on port " + port() + " no longer listens", e);
        }
      }
    }
  }

  /** The other end may be gone, and is then for the client what a cut link is. */
  private void connect(Socket near) {
    sockets.add(near);
    try {
      if (!whole || closed) {
        end(near);
        return;
      }
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(far);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      start("link-out-" + near.getPort(), () -> carry(near, far));
      start("link-in-" + near.getPort(), () -> carry(far, near));
      if (!whole || closed) {
        end(near);
        end(far);
      }
    } catch (IOException e) {
      end(near);
    }
  }

  private void carry(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hold(read, from);
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // One of the ends is gone, or was cut: the other one is to see the same.
    } finally {
      end(from);
      end(to);
    }
  }

  /** Waits for as long as the link as it is now would take to carry that many bytes. */
  private void hold(int bytes, Socket socket) {
    long start = System.nanoTime();
    while (!socket.isClosed()) {
      long left = start + delayNanos + nanos(bytes) - System.nanoTime();
      if (left <= 0) {
        return;
      }
      // In small steps: a link that is mended or cut meanwhile is so at once.
      LockSupport.parkNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(5)));
    }
  }

  private long nanos(int bytes) {
    long rate = bytesPerSecond;
    return rate == Long.MAX_VALUE ? 0 : TimeUnit.SECONDS.toNanos(bytes) / rate;
  }

  private void endAll() {
    sockets.forEach(this::end);
  }

  /** With a reset, not a farewell: data on the way are lost, as on a cable that is cut. */
  private void end(Socket socket) {
    sockets.remove(socket);
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is gone, which is what was asked for.
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Cuts the link for ever and gives the port back. */
  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    cut();
  }
}
