using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Aether.Agent.Grpc;

/// <summary>Converts the exception of any method to its gRPC status.</summary>
internal sealed class RefusalInterceptor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        RefuseAsync(() => continuation(request, context), context);

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        RefuseAsync(() => WithResult(continuation(request, responseStream, context)), context);

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        RefuseAsync(() => WithResult(continuation(requestStream, responseStream, context)), context);

    private static async Task<TResult> RefuseAsync<TResult>(Func<Task<TResult>> call, ServerCallContext context)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (Refusal.From(e) is { } refusal)
        {
            throw GrpcRefusal.ToStatus(refusal);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException
            && context.CancellationToken.IsCancellationRequested)
        {
            // The client cancelled the call or disconnected: not an error of the agent, and no one is left to receive
            // one.
            throw new RpcException(new Status(StatusCode.Cancelled, "The client cancelled the call or disconnected."));
        }
    }

    private static async Task<bool> WithResult(Task call)
    {
        await call;
        return true;
    }
}
