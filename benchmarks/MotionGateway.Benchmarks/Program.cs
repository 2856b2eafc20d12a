using System.Globalization;
using System.Text.Json;
using MotionGateway.Benchmarks;

IComparison[] comparisons = [new EncodeAudio(), new ReadHeader(), new FanOut()];
if (args.Contains("--list"))
{
    foreach (var comparison in comparisons)
    {
        Console.WriteLine($"{comparison.Name,-16}{comparison.Description}");
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
