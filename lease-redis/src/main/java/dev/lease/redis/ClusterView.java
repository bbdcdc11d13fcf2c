package dev.lease.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import java.util.List;

/**
 * The nodes of a cluster, as one of them sees it.
 *
 * @param nodes those that have an address
 * @param epoch grows with each change that the cluster has agreed on
 */
record ClusterView(List<RedisClusterNode> nodes, long epoch) {

  /**
   * Reads the answer to {@code CLUSTER NODES}.
   *
   * @param asked how the node that answered can be reached, in case it does not know
   */
  static ClusterView of(String answer, RedisURI asked) {
    List<RedisClusterNode> all = ClusterPartitionParser.parse(answer).getPartitions();
    all.stream()
        .filter(node -> node.getUri() == null && node.is(NodeFlag.MYSELF))
        .forEach(node -> node.setUri(asked));
    return new ClusterView(
        all.stream().filter(ClusterView::hasAddress).toList(),
        all.stream().mapToLong(RedisClusterNode::getConfigEpoch).max().orElse(0));
  }

  private static boolean hasAddress(RedisClusterNode node) {
    return node.getUri() != null && node.getUri().getPort() != 0 && !node.is(NodeFlag.NOADDR);
  }

  ClusterView orNewer(ClusterView other) {
    return other.epoch > epoch ? other : this;
  }
}
