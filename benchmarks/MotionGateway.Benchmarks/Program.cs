using System.Globalization;
using System.Text.Json;
using MotionGateway.Benchmarks;

IComparison[] comparisons =
[
    new EncodeAudio(), new ReadHeader(), new Cursors(), new SendAudio(), new ReceiveMotion(),
    new EncodeOpus("encode-opus", complexity: null), new EncodeOpus("encode-opus-5", complexity: 5), new PassThrough(),
    new PooledConnection("pooled-connection", TimeSpan.Zero),
    new PooledConnection("pooled-connection-50ms", TimeSpan.FromMilliseconds(50)),
];
IScenario[] overheads = [new Overhead(1), new Overhead(10), new Overhead(50), new Overhead(200)];
IScenario[] floors = [new Floor(1), new Floor(10), new Floor(50), new Floor(200)];
IScenario[] fanOuts = [new FanOutScenario(1, 1000), new FanOutScenario(1, 5000), new FanOutScenario(500, 4), new IdleViewers(10, 1000)];
IScenario[] scenarios =
[
    new InterruptLatency(), new Wire(), new Opening(),
    new SeveralScenarios("overhead", overheads), .. overheads,
    new SeveralScenarios("floor", floors), .. floors,
    new IdleSessions(2000),
    new SeveralScenarios("fanout", fanOuts), .. fanOuts,
];
var json = new JsonSerializerOptions(JsonSerializerDefaults.Web);
if (BareServices.Find(args) is { } bare)
{
    await bare();
    return 0;
}

if (args.Contains("--list"))
{
    foreach (var comparison in comparisons)
    {
        Console.WriteLine($"{comparison.Name,-24}{comparison.Description}");
    }

    foreach (var scenario in scenarios)
    {
        Console.WriteLine($"{scenario.Name,-24}{scenario.Description}");
    }

    return 0;
}

string name = args.FirstOrDefault(argument => !argument.StartsWith('-')) ?? "";
if (Array.Find(scenarios, scenario => scenario.Name == name) is { } measured)
{
    // Another build of the product can be measured in the same way: --executable PATH.
    int at = Array.IndexOf(args, "--executable");
    string executable = at >= 0 ? args[at + 1] : ServiceProcess.OwnExecutable;
    Console.WriteLine(JsonSerializer.Serialize(await measured.RunAsync(executable), json));
    return 0;
}

var chosen = comparisons.FirstOrDefault(comparison => comparison.Name == name);
if (chosen is null)
{
    var names = comparisons.Select(comparison => comparison.Name).Concat(scenarios.Select(scenario => scenario.Name));
    Console.Error.WriteLine($"Name one of {string.Join(", ", names)}; --list tells what they are.");
    return 2;
}

var result = Measurement.Of(chosen);
await ((chosen as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
if (args.Contains("--json"))
{
    Console.WriteLine(JsonSerializer.Serialize(result, json));
    return 0;
}

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{result.Description}: {result.SubjectNs:0.#} ns against {result.PeerNs:0.#} ns, ratio {result.Ratio:0.##}; "
    + $"{result.SubjectBytes:0.#} against {result.PeerBytes:0.#} bytes allocated"));
return 0;
