using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// Maps an endpoint for each method that a service's generated <c>BindService</c> tells; the handlers call the methods of
/// <typeparamref name="TService"/> on an instance made for the call.
/// </summary>
internal sealed class GrpcMethodBinder<TService>(IEndpointRouteBuilder routes) : ServiceBinderBase
    where TService : class
{
    private readonly ServerCallRunner _runner = routes.ServiceProvider.GetRequiredService<ServerCallRunner>();

    public List<IEndpointConventionBuilder> Endpoints { get; } = [];

    /// <summary>The names of the services that were bound.</summary>
    public HashSet<string> ServiceNames { get; } = [];

    /// <summary>Maps all methods of the service.</summary>
    public void Bind()
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } attribute)
            {
                var bind = attribute.BindType.GetMethod(
                    attribute.BindMethodName,
                    BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static,
                    [typeof(ServiceBinderBase), type]);
                (bind ?? throw Unbindable()).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [this, null], null);
                return;
            }
        }

        throw Unbindable();
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Find<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(method, typeof(TRequest), typeof(ServerCallContext));
        Map(method, async (service, call) =>
        {
            var request = await CreateReader(method, call).ReadSingleAsync(call.CancellationToken);
            await RespondAsync(method, call, await invoke(service, request, call));
        });
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Find<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        Map(method, async (service, call) =>
        {
            var requests = new RequestStreamReader<TRequest>(call, CreateReader(method, call));
            await RespondAsync(method, call, await invoke(service, requests, call));
        });
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Find<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Map(method, async (service, call) =>
        {
            var request = await CreateReader(method, call).ReadSingleAsync(call.CancellationToken);
            await invoke(service, request, CreateWriter(method, call), call);
        });
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Find<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Map(method, (service, call) =>
        {
            var requests = new RequestStreamReader<TRequest>(call, CreateReader(method, call));
            return invoke(service, requests, CreateWriter(method, call), call);
        });
    }

    private static RequestMessageReader<TRequest> CreateReader<TRequest, TResponse>(Method<TRequest, TResponse> method, HttpContextServerCallContext call)
        where TRequest : class
        where TResponse : class => new(
            call.HttpContext.Request.BodyReader,
            call.HttpContext.Request.Headers[GrpcHeaders.Encoding],
            call.Options.MaxReceiveMessageSize,
            method.RequestMarshaller.ContextualDeserializer);

    private static ResponseStreamWriter<TResponse> CreateWriter<TRequest, TResponse>(Method<TRequest, TResponse> method, HttpContextServerCallContext call)
        where TRequest : class
        where TResponse : class => new(call, method.ResponseMarshaller.ContextualSerializer);

    private static Task RespondAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, HttpContextServerCallContext call, TResponse? response)
        where TRequest : class
        where TResponse : class
    {
        if (response is null)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        }

        // After the deadline the answer is out already.
        return call.HasEnded ? Task.CompletedTask : call.WriteSingleMessageAsync(response, method.ResponseMarshaller.ContextualSerializer);
    }

    private static InvalidOperationException Unbindable() =>
        new($"{typeof(TService)} cannot be bound: it has no base class with a {nameof(BindServiceMethodAttribute)} that names a method.");

    private static TDelegate Find<TDelegate>(IMethod method, params Type[] parameters)
        where TDelegate : Delegate => FindMethod(method, parameters).CreateDelegate<TDelegate>();

    private static MethodInfo FindMethod(IMethod method, Type[] parameters) =>
        typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, parameters)
        ?? throw new InvalidOperationException($"{typeof(TService)} has no method for {method.FullName}.");

    private void Map(IMethod method, Func<TService, HttpContextServerCallContext, Task> invoke)
    {
        Task HandleAsync(HttpContext httpContext) => _runner.RunAsync(httpContext, async call =>
        {
            var service = ServiceActivator<TService>.Create(httpContext.RequestServices, out var isOwned);
            try
            {
                await invoke(service, call);
            }
            finally
            {
                await ServiceActivator<TService>.ReleaseAsync(service, isOwned);
            }
        });

        var attributes = typeof(TService).GetCustomAttributes(inherit: true)
            .Concat(typeof(TService).GetMethods().Where(candidate => candidate.Name == method.Name).SelectMany(candidate => candidate.GetCustomAttributes(inherit: true)));
        Endpoints.Add(routes.MapMethods(method.FullName, [HttpMethods.Post], HandleAsync)
            .WithDisplayName($"gRPC - {method.FullName}")
            .WithMetadata([.. attributes, new GrpcMethodMetadata(typeof(TService), method)]));
        ServiceNames.Add(method.ServiceName);
    }
}
