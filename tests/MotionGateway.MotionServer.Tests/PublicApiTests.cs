using MotionGateway.OggOpus;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests;

public sealed class PublicApiTests
{
    // Set to write the listings anew, when a change of them is meant.
    private const string Update = "MOTIONGATEWAY_UPDATE_PUBLIC_API";

    [Theory]
    [InlineData(typeof(MotionServerClient))]
    [InlineData(typeof(OggOpusEncoder))]
    public void PublicApi_OfTheServerSdk_IsTheListedOne(Type anyOf)
    {
        string name = anyOf.Assembly.GetName().Name!;
        string path = RepositoryRoot.PathTo("src", name, "PublicApi.txt");
        IReadOnlyList<string> actual = PublicApiListing.Of(anyOf.Assembly);
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 })
        {
            File.WriteAllLines(path, actual);
        }

        string[] listed = File.Exists(path) ? File.ReadAllLines(path) : [];

        Assert.True(
            listed.SequenceEqual(actual),
            $"{path} is not what {name} shows. If that is meant, run this test with {Update}=1 and commit the listing.\n"
            + string.Join('\n', actual.Except(listed).Select(line => $"+ {line}").Concat(listed.Except(actual).Select(line => $"- {line}"))));
    }

    [Fact]
    public void Assembly_OfTheServerSdk_KnowsNoServer()
    {
        IEnumerable<string?> references = typeof(MotionServerClient).Assembly.GetReferencedAssemblies().Select(reference => reference.Name);

        Assert.DoesNotContain(references, name =>
            name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("Grpc", StringComparison.Ordinal));
    }
}
