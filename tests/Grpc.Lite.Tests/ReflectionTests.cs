using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MotionGateway.Testing;

namespace Grpc.Lite.Tests;

public sealed class ReflectionTests
{
    [Fact]
    public async Task ListServices_MappedServices_AreNamed()
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, new ServerReflectionRequest { ListServices = "*" });
        var names = response.ListServicesResponse.Service.Select(service => service.Name).ToArray();
        Assert.Contains("grpclite.test.v1.InteropService", names);
        Assert.Contains("grpc.reflection.v1alpha.ServerReflection", names);
    }

    [Theory]
    [InlineData("grpclite.test.v1.InteropService")]
    [InlineData("grpclite.test.v1.EchoRequest")]
    [InlineData("grpclite.test.v1.Behavior")]
    public async Task FileContainingSymbol_KnownSymbol_GivesItsFile(string symbol)
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, new ServerReflectionRequest { FileContainingSymbol = symbol });
        var file = FileDescriptorProto.Parser.ParseFrom(Assert.Single(response.FileDescriptorResponse.FileDescriptorProto));
        Assert.Equal("interop.proto", file.Name);
    }

    [Fact]
    public async Task FileByFilename_KnownFile_GivesIt()
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, new ServerReflectionRequest { FileByFilename = "interop.proto" });
        Assert.Equal("grpclite.test.v1", FileDescriptorProto.Parser.ParseFrom(response.FileDescriptorResponse.FileDescriptorProto[0]).Package);
    }

    [Fact]
    public async Task AnyQuestion_WithoutAnAnswer_IsAnError()
    {
        await using var server = await StartAsync();
        Assert.Equal((int)StatusCode.NotFound, await ErrorOfAsync(server, new ServerReflectionRequest { FileContainingSymbol = "no.such.Symbol" }));
        Assert.Equal((int)StatusCode.NotFound, await ErrorOfAsync(server, new ServerReflectionRequest { FileByFilename = "no_such.proto" }));
        var extension = new ExtensionRequest { ContainingType = "no.such.Type", ExtensionNumber = 1 };
        // The official service supports no questions about extensions.
        int[] expected = [(int)StatusCode.NotFound, (int)StatusCode.Unimplemented];
        Assert.Contains(await ErrorOfAsync(server, new ServerReflectionRequest { FileContainingExtension = extension }), expected);
        Assert.Contains(await ErrorOfAsync(server, new ServerReflectionRequest { AllExtensionNumbersOfType = "no.such.Type" }), expected);
    }

    private static async Task<int> ErrorOfAsync(TestServer server, ServerReflectionRequest request) => (await AskAsync(server, request)).ErrorResponse.ErrorCode;

    private static async Task<ServerReflectionResponse> AskAsync(TestServer server, ServerReflectionRequest request)
    {
        using var call = new ServerReflection.ServerReflectionClient(server.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(request).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        return call.ResponseStream.Current;
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(
        configureServices: services => services.AddGrpcReflection(), map: app => app.MapGrpcReflectionService());
}
