using Google.Protobuf;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A span as it came by OTLP: <c>opentelemetry.proto.trace.v1.Span</c>, as far as tests look at it.</summary>
internal sealed class ReceivedSpan
{
    public string TraceId { get; private set; } = "";

    public string SpanId { get; private set; } = "";

    public string ParentSpanId { get; private set; } = "";

    public string Name { get; private set; } = "";

    /// <summary>Attributes that are texts or whole numbers.</summary>
    public Dictionary<string, string> Attributes { get; } = [];

    /// <summary>Names of its events.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Reads an <c>ExportTraceServiceRequest</c>.</summary>
    public static List<ReceivedSpan> Read(byte[] request) =>
        [.. Fields(request, 1).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2)).Select(ReadSpan)];

    private static ReceivedSpan ReadSpan(byte[] message)
    {
        var span = new ReceivedSpan
        {
            TraceId = Convert.ToHexStringLower(Fields(message, 1).FirstOrDefault([])),
            SpanId = Convert.ToHexStringLower(Fields(message, 2).FirstOrDefault([])),
            ParentSpanId = Convert.ToHexStringLower(Fields(message, 4).FirstOrDefault([])),
            Name = Text(message, 5),
        };
        foreach (byte[] attribute in Fields(message, 9))
        {
            byte[] value = Fields(attribute, 2).First();
            span.Attributes[Text(attribute, 1)] = Text(value, 1) is { Length: > 0 } text ? text : $"{Number(value, 3)}";
        }

        span.Events.AddRange(Fields(message, 11).Select(one => Text(one, 2)));
        return span;
    }

    private static string Text(byte[] message, int field) => System.Text.Encoding.UTF8.GetString(Fields(message, field).FirstOrDefault([]));

    private static List<byte[]> Fields(byte[] message, int number)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == WireFormat.MakeTag(number, WireFormat.WireType.LengthDelimited))
            {
                found.Add(input.ReadBytes().ToByteArray());
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found;
    }

    private static long? Number(byte[] message, int number)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == WireFormat.MakeTag(number, WireFormat.WireType.Varint))
            {
                return input.ReadInt64();
            }

            input.SkipLastField();
        }

        return null;
    }
}
