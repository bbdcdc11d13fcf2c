package dev.lease.worker.codec;

import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.impl.UnknownSerializer;

/**
 * Refuses to write a class of which Jackson sees no property. It would become an empty object, and
 * its fields would be lost without a word. A record may be empty: all that it has is seen.
 */
final class NoBlindWrites extends ValueSerializerModifier {

  private static final long serialVersionUID = 1L;

  /** The mapper with this check. */
  static JsonMapper in(JsonMapper mapper) {
    return mapper
        .rebuild()
        .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .addModule(new SimpleModule("lease").setSerializerModifier(new NoBlindWrites()))
        .build();
  }

  /** Jackson's own check lets a class pass that has any annotation, such as that of an entity. */
  @Override
  public ValueSerializer<?> modifySerializer(
      SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
    boolean blind =
        serializer instanceof BeanSerializerBase
            && !serializer.properties().hasNext()
            && !bean.isRecordType()
            && bean.get().findAnyGetter() == null;
    return blind ? new UnknownSerializer(bean.getBeanClass()) : serializer;
  }
}
