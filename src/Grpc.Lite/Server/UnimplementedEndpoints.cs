using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server;

/// <summary>Answers gRPC requests for what is not there with UNIMPLEMENTED; other requests fall through.</summary>
internal sealed class UnimplementedEndpoints(ServerCallRunner runner, ILogger<UnimplementedEndpoints> logger)
{
    private readonly HashSet<string> _services = [];
    private bool _isMapped;

    /// <summary>Maps the answer for unknown services, once.</summary>
    public void MapServices(IEndpointRouteBuilder routes)
    {
        if (!_isMapped)
        {
            _isMapped = true;
            Map(routes, "{service}/{method}", "Service is unimplemented.");
        }
    }

    /// <summary>Maps the answer for unknown methods of a service, once.</summary>
    public void MapMethods(IEndpointRouteBuilder routes, string serviceName)
    {
        if (_services.Add(serviceName))
        {
            Map(routes, serviceName + "/{method}", "Method is unimplemented.");
        }
    }

    private void Map(IEndpointRouteBuilder routes, string pattern, string detail)
    {
        var route = RoutePatternFactory.Parse(pattern, defaults: null, parameterPolicies: new { method = new GrpcRequestConstraint() });
        routes.Map(route, httpContext => runner.RunAsync(httpContext, call =>
        {
            ServerCallLog.Unimplemented(logger, call.Method);
            throw new RpcException(new Status(StatusCode.Unimplemented, detail));
        })).WithDisplayName($"gRPC - unimplemented {pattern}").WithMetadata(new HttpMethodMetadata([HttpMethods.Post]));
    }

    private sealed class GrpcRequestConstraint : IRouteConstraint
    {
        public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null && GrpcHeaders.IsGrpcContentType(httpContext.Request.ContentType);
    }
}
