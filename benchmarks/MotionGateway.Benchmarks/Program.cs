using System.Globalization;
using System.Text.Json;
using MotionGateway.Benchmarks;

IComparison[] comparisons =
[
    new EncodeAudio(), new ReadHeader(), new FanOut(), new SendAudio(), new ReceiveMotion(),
    new PooledConnection("pooled-connection", TimeSpan.Zero),
    new PooledConnection("pooled-connection-50ms", TimeSpan.FromMilliseconds(50)),
];
if (args.Contains("--list"))
{
    foreach (var comparison in comparisons)
    {
        Console.WriteLine($"{comparison.Name,-24}{comparison.Description}");
    }

    return 0;
}

string name = args.FirstOrDefault(argument => !argument.StartsWith('-')) ?? "";
var chosen = comparisons.FirstOrDefault(comparison => comparison.Name == name);
if (chosen is null)
{
    Console.Error.WriteLine($"Name one of {string.Join(", ", comparisons.Select(comparison => comparison.Name))}; --list tells what they are.");
    return 2;
}

var result = Measurement.Of(chosen);
await ((chosen as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
if (args.Contains("--json"))
{
    Console.WriteLine(JsonSerializer.Serialize(result, new JsonSerializerOptions(JsonSerializerDefaults.Web)));
    return 0;
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{result.Description}: {result.SubjectNs:0.#} ns against {result.PeerNs:0.#} ns, ratio {result.Ratio:0.##}; "
    + $"{result.SubjectBytes:0.#} against {result.PeerBytes:0.#} bytes allocated"));
return 0;
