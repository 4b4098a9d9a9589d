package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/component-helpers/auth/rbac/validation"
)

// everything must be held to write an aggregated ClusterRole: the rules it will gather later cannot be checked now.
var everything = []rbacv1.PolicyRule{
	{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}},
	{NonResourceURLs: []string{"*"}, Verbs: []string{"*"}},
}

// guardEscalation keeps users who may write roles or bindings from granting more than they hold themselves.
func (r *rbacAuthorizer) guardEscalation(b builtin, store *genericregistry.Store) {
	type finish = genericregistry.FinishFunc
	resource := b.gv.WithResource(b.plural).GroupResource()
	check := func(ctx context.Context, o, old runtime.Object) (finish, error) {
		if err := r.checkEscalation(ctx, o, old); apierrors.IsNotFound(err) {
			return nil, err // the role a binding refers to
		} else if err != nil {
			return nil, apierrors.NewForbidden(resource, o.(metav1.Object).GetName(), err)
		}
		return func(context.Context, bool) {}, nil
	}
	store.BeginCreate = func(ctx context.Context, o runtime.Object, _ *metav1.CreateOptions) (finish, error) {
		return check(ctx, o, nil)
	}
	store.BeginUpdate = func(ctx context.Context, o, old runtime.Object, _ *metav1.UpdateOptions) (finish, error) {
		return check(ctx, o, old)
	}
}

func (r *rbacAuthorizer) checkEscalation(ctx context.Context, o, old runtime.Object) error {
	if who, ok := request.UserFrom(ctx); ok && privileged(who) || onlyLetsGo(o, old) {
		return nil
	}
	switch o := o.(type) {
	case *rbacv1.Role:
		return r.checkRole(ctx, "roles", o.Rules)
	case *rbacv1.ClusterRole:
		if err := r.checkRole(ctx, "clusterroles", o.Rules); err != nil {
			return err
		}
		before, updated := old.(*rbacv1.ClusterRole)
		aggregates := o.AggregationRule != nil || updated && before.AggregationRule != nil
		if aggregates && r.checkRole(ctx, "clusterroles", everything) != nil {
			return errors.New("must have cluster-admin privileges to use the aggregationRule")
		}
		return nil
	case *rbacv1.RoleBinding:
		return r.checkBinding(ctx, o.RoleRef)
	case *rbacv1.ClusterRoleBinding:
		return r.checkBinding(ctx, o.RoleRef)
	}
	return nil
}

// onlyLetsGo reports whether an update only changes finalizers or owner references: that takes no more than the right
// to update.
func onlyLetsGo(o, old runtime.Object) bool {
	if old == nil {
		return false
	}
	o = o.DeepCopyObject()
	now, before := o.(metav1.Object), old.(metav1.Object)
	now.SetOwnerReferences(before.GetOwnerReferences())
	now.SetFinalizers(before.GetFinalizers())
	now.SetManagedFields(before.GetManagedFields())
	return apiequality.Semantic.DeepEqual(o, old)
}

func (r *rbacAuthorizer) checkRole(ctx context.Context, resource string, rules []rbacv1.PolicyRule) error {
	info, _ := request.RequestInfoFrom(ctx) // names no object on create, so a right by name is of no use there
	if r.may(ctx, "escalate", resource, info.Name) {
		return nil
	}
	return r.checkHeld(ctx, rules)
}

func (r *rbacAuthorizer) checkBinding(ctx context.Context, ref rbacv1.RoleRef) error {
	if r.may(ctx, "bind", strings.ToLower(ref.Kind)+"s", ref.Name) {
		return nil
	}
	rules, err := r.rules(ref, request.NamespaceValue(ctx))
	if err != nil {
		return err
	}
	return r.checkHeld(ctx, rules)
}

func (r *rbacAuthorizer) may(ctx context.Context, verb, resource, name string) bool {
	who, _ := request.UserFrom(ctx)
	decision, _, _ := r.Authorize(ctx, authorizer.AttributesRecord{
		User: who, Verb: verb, APIGroup: rbacv1.GroupName, APIVersion: "*", Resource: resource, Name: name,
		Namespace: request.NamespaceValue(ctx), ResourceRequest: true})
	return decision == authorizer.DecisionAllow
}

// checkHeld names the rules the user does not hold, in the words of Kubernetes.
func (r *rbacAuthorizer) checkHeld(ctx context.Context, rules []rbacv1.PolicyRule) error {
	who, _ := request.UserFrom(ctx)
	held := []rbacv1.PolicyRule{}
	for _, g := range r.grants(who, request.NamespaceValue(ctx)) {
		held = append(held, g.rules...)
	}
	covered, missing := validation.Covers(held, rules)
	if covered {
		return nil
	}
	return fmt.Errorf("user %q (groups=%q) is attempting to grant RBAC permissions not currently held:\n%s",
		who.GetName(), who.GetGroups(), strings.Join(describe(missing), "\n"))
}

// describe takes rules of one verb each; the verbs of one resource share a line.
func describe(rules []rbacv1.PolicyRule) (lines []string) {
	verbs := map[string][]string{}
	for _, r := range rules {
		if len(r.NonResourceURLs) > 0 {
			lines = append(lines, fmt.Sprintf("{NonResourceURLs:%q, Verbs:%q}", r.NonResourceURLs, r.Verbs))
			continue
		}
		resource := fmt.Sprintf("APIGroups:%q, Resources:%q", r.APIGroups, r.Resources)
		if len(r.ResourceNames) > 0 {
			resource += fmt.Sprintf(", ResourceNames:%q", r.ResourceNames)
		}
		verbs[resource] = append(verbs[resource], r.Verbs...)
	}
	for resource, v := range verbs {
		lines = append(lines, fmt.Sprintf("{%s, Verbs:%q}", resource, v))
	}
	slices.Sort(lines)
	return lines
}
